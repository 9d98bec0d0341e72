import { once } from 'node:events';
import { fstatSync, readFileSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import type { Server } from 'node:net';
import { basename, dirname } from 'node:path';
import { DaemonError } from '../errors.ts';
import { assertPrivate } from '../private-file.ts';

/** A listening socket that the service manager made and keeps; `path` is where it was bound. */
export interface PassedSocket {
  readonly fd: number;
  readonly path: string;
}

/** SD_LISTEN_FDS_START of sd_listen_fds(3). */
const FIRST_FD = 3;

/**
 * Takes the sockets that the service manager passed to this process by the protocol of sd_listen_fds(3), none
 * without one. Their variables go, so that no child takes the sockets for its own; Node itself keeps the
 * descriptors from children. Error: `config_invalid` for a descriptor that is no Unix socket with a path.
 */
export function takePassedSockets(env: NodeJS.ProcessEnv, pid: number): readonly PassedSocket[] {
  const { LISTEN_PID: addressee, LISTEN_FDS: count = '0' } = env;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_PIDFDID']) delete env[name];
  if (addressee !== String(pid)) return [];
  return Array.from({ length: Number(count) }, (_, index) => {
    const fd = FIRST_FD + index;
    const path = boundPath(fd);
    if (path !== undefined) return { fd, path };
    throw new DaemonError('config_invalid', `descriptor ${fd} of the service manager is no Unix socket`, {
      repair: 'pass the two sockets of dialogd.socket and nothing else',
    });
  });
}

/** The one of this file name. Error: `config_invalid`, for all are passed or none. */
export function passedSocketFor(path: string, passed: readonly PassedSocket[]): PassedSocket {
  const found = passed.find((socket) => basename(socket.path) === basename(path));
  if (found !== undefined) return found;
  throw new DaemonError('config_invalid', `the service manager passed sockets, and no ${basename(path)}`, {
    repair:
      'let the socket unit listen on dialogd.sock and dialogd-ro.sock, as the one that came with dialogd',
  });
}

/** Makes `server` take connections from a socket that was passed. Error: `path_unsafe` when others can reach it. */
export async function listenOnPassed(server: Server, { fd, path }: PassedSocket): Promise<void> {
  await assertGuarded(path);
  const listening = once(server, 'listening');
  server.listen({ fd });
  await listening;
}

/**
 * The directory is root's where the user of the service exists only while it runs. Then the socket in it cannot be
 * looked at, by us or by anybody else.
 */
async function assertGuarded(path: string): Promise<void> {
  const directory = dirname(path);
  try {
    assertPrivate(directory, await lstat(directory));
    assertPrivate(path, await lstat(path));
  } catch (error) {
    if (error instanceof DaemonError) throw error;
    const { code, path: place } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' && place === path) return;
    throw new DaemonError('path_unsafe', `${place} of a passed socket cannot be looked at (${code})`, {
      repair: 'restart the socket unit; its directory has to be private, and those above it open',
      cause: error,
    });
  }
}

/** Node does not tell where a descriptor is bound; the kernel does, for stream sockets (type 1) as for all others. */
function boundPath(fd: number): string | undefined {
  const { ino } = fstatSync(fd);
  // Num: RefCount Protocol Flags Type St Inode Path, of proc_pid_net(5).
  const line = new RegExp(`^\\w+: \\w+ \\w+ \\w+ 0001 \\w+ +${ino} (/.*)$`, 'm');
  return line.exec(readFileSync('/proc/self/net/unix', 'utf8'))?.[1];
}
