import { once } from 'node:events';
import { lstat, rename, rm } from 'node:fs/promises';
import { createConnection, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { DaemonError } from '../errors.ts';
import { ignoreMissing } from '../private-file.ts';
import { checkSocketPath } from './socket-path.ts';

export interface SocketFile {
  /** Removes the file, if it is still the one made here. */
  remove(): Promise<void>;
}

/**
 * Makes `server` listen at `path`, in a directory that is ours alone. The socket is bound under a passing
 * name and renamed: it appears all at once, takes the place of a stale one without a gap, and libuv, which
 * unlinks the name it bound without looking, never unlinks somebody else's socket.
 * Errors: `config_invalid` (path too long), `path_unsafe` (something else is there), `already_running`.
 */
export async function listenAt(server: Server, path: string): Promise<SocketFile> {
  checkSocketPath(path);
  await checkReplaceable(path);
  const passing = join(dirname(path), `.${process.pid}`);
  await rm(passing, { force: true });
  const listening = once(server, 'listening');
  // Node binds a path synchronously, so the mask covers the birth of the socket and nothing else.
  const mask = process.umask(0o077);
  try {
    server.listen({ path: passing });
  } finally {
    process.umask(mask);
  }
  await listening;
  await rename(passing, path);
  const { dev, ino } = await lstat(path);
  return {
    async remove() {
      const found = await lstat(path).catch(ignoreMissing);
      if (found?.dev === dev && found.ino === ino) await rm(path, { force: true });
    },
  };
}

async function checkReplaceable(path: string): Promise<void> {
  const found = await lstat(path).catch(ignoreMissing);
  if (found === undefined) return;
  if (!found.isSocket() || found.uid !== process.geteuid?.()) {
    throw new DaemonError('path_unsafe', `${path} exists and is not a socket of this user`, {
      repair: 'remove it, or choose another runtime directory with --runtime-dir',
    });
  }
  if (await somebodyListens(path)) {
    throw new DaemonError('already_running', `another dialogd listens on ${path}`, {
      repair: 'stop it, or choose another runtime directory with --runtime-dir',
    });
  }
}

/** A socket whose owner is gone refuses; anything else (a full backlog, say) is somebody. */
async function somebodyListens(path: string): Promise<boolean> {
  const socket = createConnection(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}
