import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Libc } from '../native/libc.ts';
import type { Supervisor } from '../ports.ts';

const PROGRAM = 'systemd-notify';
/** systemd-notify waits until the service manager has taken the message. */
const TELL_WITHIN_MS = 5_000;

/** A way to the service manager; `send` takes assignments of sd_notify(3) and throws when they do not arrive. */
export interface NotifyTransport {
  readonly name: Supervisor['transport'];
  send(assignments: readonly string[]): Promise<void>;
}

/**
 * Node opens no Unix datagram sockets, so libc does. Where it cannot be called each message is one short
 * `systemd-notify`: systemd takes that of a unit with NotifyAccess=all only.
 */
export async function openTransport(
  address: string | undefined,
  libc: Pick<Libc, 'sendDatagram'> | undefined,
  path: string | undefined,
): Promise<NotifyTransport> {
  if (address === undefined) return none;
  if (libc !== undefined && /^[/@]/.test(address)) return native(address, libc);
  const program = await findProgram(path ?? '');
  return program === undefined ? none : byProgram(address, program);
}

const none: NotifyTransport = { name: 'none', send: async () => {} };

const native = (address: string, libc: Pick<Libc, 'sendDatagram'>): NotifyTransport => ({
  name: 'native',
  send: async (assignments) => libc.sendDatagram(address, Buffer.from(assignments.join('\n'))),
});

const byProgram = (address: string, program: string): NotifyTransport => ({
  name: PROGRAM,
  send: (assignments) =>
    new Promise((resolve, reject) => {
      const options = { env: { NOTIFY_SOCKET: address }, timeout: TELL_WITHIN_MS };
      execFile(program, assignments, options, (error) => (error === null ? resolve() : reject(error)));
    }),
});

async function findProgram(path: string): Promise<string | undefined> {
  for (const directory of path.split(delimiter)) {
    const program = join(directory, PROGRAM);
    const runs = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (directory.startsWith('/') && runs) return program;
  }
  return undefined;
}
