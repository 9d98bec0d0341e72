import { constants, type Stats } from 'node:fs';
import { open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DaemonError } from './errors.ts';

/** Errors: `path_unsafe` when anybody but this user and root could read or change what is at `path`. */
export function assertPrivate(path: string, stats: Stats, user = process.geteuid?.()): void {
  if (user !== undefined && stats.uid !== user && stats.uid !== 0) {
    throw new DaemonError('path_unsafe', `${path} belongs to another user (uid ${stats.uid})`, {
      repair: `make it yours: chown ${user} ${path}`,
    });
  }
  if ((stats.mode & 0o077) !== 0) {
    const mode = (stats.mode & 0o777).toString(8);
    throw new DaemonError('path_unsafe', `${path} is open to other users (mode ${mode})`, {
      repair: `chmod ${stats.isDirectory() ? 700 : 600} ${path}`,
    });
  }
}

/** The same for whoever only looks: root judges the files of a service as the user of that service would. */
export const assertPrivateToOwner = (path: string, stats: Stats): void =>
  assertPrivate(path, stats, process.geteuid?.() === 0 ? stats.uid : undefined);

/**
 * The bytes of a private file, for the caller to zero after use; undefined without one.
 * Errors: `path_unsafe`, also for more than `limit` bytes.
 */
export const readPrivateFile = (path: string, limit: number): Promise<Buffer | undefined> =>
  readSmallFile(path, limit, (stats) => assertPrivate(path, stats));

/** The same for a file that others may be able to read, or that `check` has its own opinion about. */
export async function readSmallFile(
  path: string,
  limit: number,
  check: (stats: Stats) => void = () => {},
): Promise<Buffer | undefined> {
  // Without O_NONBLOCK a named pipe would keep us waiting before we can tell that it is one.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    .catch(explainDenial(path))
    .catch(ignoreMissing);
  if (handle === undefined) return undefined;
  try {
    const stats = await handle.stat();
    check(stats);
    if (!stats.isFile() || stats.size > limit) {
      throw new DaemonError('path_unsafe', `${path} is not a file of at most ${limit} bytes`, {
        repair: 'name the right file',
      });
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

const explainDenial =
  (path: string) =>
  (error: NodeJS.ErrnoException): never => {
    if (error.code !== 'EACCES') throw error;
    throw new DaemonError('path_unsafe', `${path} may not be read by this user`, {
      repair: 'give it to the user that runs dialogd, and to nobody else',
      cause: error,
    });
  };

/** Writes a private file (0600) that is there whole or not at all, whenever the power fails. */
export async function writePrivateFile(path: string, bytes: Uint8Array | string): Promise<void> {
  const file = await writeUnfinished(path, bytes);
  await file.publish();
}

/** All the bytes of a file that has not got its name yet. */
interface Unfinished {
  /** Gives it its name, unless `check` throws, who may read it back under the one it is given. */
  publish(check?: (unfinished: string) => Promise<void>): Promise<void>;
}

/** The first half of writing a private file; `path` stays as it is, and nothing is left when this fails. */
export async function writeUnfinished(
  path: string,
  bytes: Uint8Array | string | AsyncIterable<Uint8Array>,
): Promise<Unfinished> {
  const unfinished = join(dirname(path), `.${basename(path)}.new`);
  const orRemove = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  };
  await rm(unfinished, { force: true });
  const handle = await open(unfinished, 'wx', 0o600);
  await orRemove(async () => {
    try {
      await writeFile(handle, bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
  return {
    async publish(check = async () => {}) {
      await orRemove(async () => {
        await check(unfinished);
        await rename(unfinished, path);
      });
      await syncDirectory(dirname(path));
    },
  };
}

/** Makes what was created, renamed or removed in this directory survive a power failure. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export const exists = async (path: string): Promise<boolean> =>
  (await stat(path).catch(ignoreMissing)) !== undefined;

/** For `catch`: what is not there is undefined, anything else is thrown. */
export function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
