import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogPlace } from '../../src/logging/logging.ts';

/** What a journal without a journald, a terminal without a person and a file have in common. */
export interface TestPlace extends LogPlace {
  /** What was written to the descriptor. */
  text(): string;
  /** The datagrams that were sent, with their fields taken apart. */
  readonly entries: readonly ReadonlyMap<string, string>[];
  remove(): void;
}

/** The forms a line can take. `refusing`: a journal that takes no datagram. */
export type Form = 'native' | 'refusing' | 'marked' | 'terminal' | 'plain';

export function createLogPlace(form: Form): TestPlace {
  const directory = mkdtempSync(join(tmpdir(), 'dialogd-log-'));
  const path = join(directory, 'stderr');
  const fd = openSync(path, 'w');
  const { dev, ino } = fstatSync(fd, { bigint: true });
  const entries: ReadonlyMap<string, string>[] = [];
  const sendDatagram = (_: string, bytes: Uint8Array): void => {
    if (form === 'refusing') throw new Error('errno 90');
    entries.push(decodeEntry(Buffer.from(bytes)));
  };
  return {
    fd,
    terminal: form === 'terminal',
    env: form === 'terminal' || form === 'plain' ? {} : { JOURNAL_STREAM: `${dev}:${ino}` },
    libc: form === 'marked' ? undefined : { sendDatagram },
    entries,
    text: () => readFileSync(path, 'utf8'),
    remove() {
      closeSync(fd);
      rmSync(directory, { recursive: true });
    },
  };
}

/** As journald reads it: NAME=value to the end of the line, or NAME, a line's end, 64 bits of length, the value. */
function decodeEntry(bytes: Buffer): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf('\n', at);
    const line = bytes.toString('utf8', at, lineEnd);
    const equals = line.indexOf('=');
    const start = equals === -1 ? lineEnd + 9 : at + Buffer.byteLength(line.slice(0, equals + 1));
    const end = equals === -1 ? start + Number(bytes.readBigUInt64LE(lineEnd + 1)) : lineEnd;
    fields.set(equals === -1 ? line : line.slice(0, equals), bytes.toString('utf8', start, end));
    at = end + 1;
  }
  return fields;
}
