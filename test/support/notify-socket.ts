import { createRequire } from 'node:module';
import { onTestFinished } from 'vitest';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;
const MAX_MESSAGE_BYTES = 4_096;

/** The service manager's end of $NOTIFY_SOCKET, which Node cannot open: Linux with koffi only. */
export interface NotifySocket {
  /** Every message so far, each as its assignments. */
  received(): string[][];
}

/** Listens at `address`, a path or an abstract one with `@`, until the test is over. */
export function listenForNotify(address: string): NotifySocket {
  const libc = createRequire(import.meta.url)('koffi').load(null);
  const fd: number = libc.func('int socket(int, int, int)')(AF_UNIX, SOCK_DGRAM, 0);
  const name = Buffer.from(address.startsWith('@') ? `\0${address.slice(1)}` : `${address}\0`);
  const family = Buffer.from(Uint16Array.of(AF_UNIX).buffer);
  const target = Buffer.concat([family, name]);
  const bound = libc.func('int bind(int, const void *, uint32_t)')(fd, target, target.length);
  if (bound !== 0) throw new Error(`cannot listen at ${address}`);
  const close = libc.func('int close(int)');
  onTestFinished(() => void close(fd));

  const recv = libc.func('long recv(int, _Out_ void *, size_t, int)');
  const messages: string[][] = [];
  return {
    received() {
      const buffer = Buffer.alloc(MAX_MESSAGE_BYTES);
      for (let length = 0; length >= 0; ) {
        length = Number(recv(fd, buffer, buffer.length, MSG_DONTWAIT));
        if (length > 0) messages.push(buffer.toString('utf8', 0, length).split('\n'));
      }
      return messages;
    },
  };
}
