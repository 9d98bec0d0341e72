import { lstat, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DaemonError } from '../errors.ts';
import type { UnixSeconds } from '../ids.ts';
import { assertPrivate, ignoreMissing, writePrivateFile } from '../private-file.ts';
import { openLevel, orClose } from './database.ts';
import { isLocked, storeFailure } from './failures.ts';

/** A private directory that this process alone uses until it closes it. */
export interface StateDirectory {
  readonly path: string;
  close(): Promise<void>;
}

/**
 * Creates the directory (0700) if there is none, and takes the single-instance lock: LevelDB's, of an empty
 * database beside the store, so that the store's files can be looked at before LevelDB changes them.
 * Errors: `path_unsafe`, `already_running`, `disk_full`, `store_unavailable`.
 */
export async function openStateDirectory(options: {
  path: string;
  now: UnixSeconds;
}): Promise<StateDirectory> {
  const { path, now } = options;
  const holder = holderFile(path);
  const lockDirectory = join(path, 'lock');
  try {
    if ((await lstat(path).catch(ignoreMissing)) === undefined) {
      await mkdir(path, { recursive: true, mode: 0o700 });
    }
    await assertSafe(path);
    const lock = await openLevel(lockDirectory);
    await orClose(lock, () => writePrivateFile(holder, `${process.pid} ${now}\n`));
    return {
      path,
      close: async () => {
        await rm(holder, { force: true });
        await lock.close();
      },
    };
  } catch (error) {
    if (isLocked(error)) throw await alreadyRunning(path);
    const failure = storeFailure(error, 'taking the lock');
    throw failure.code === 'store_damaged' ? damagedLock(lockDirectory, error) : failure;
  }
}

const damagedLock = (directory: string, cause: unknown): DaemonError =>
  new DaemonError('store_damaged', `the lock ${directory} is damaged; it holds nothing`, {
    repair: `remove it: rm -r ${directory}`,
    cause,
  });

async function assertSafe(path: string): Promise<void> {
  const stats = await lstat(path);
  if (!stats.isDirectory()) {
    const what = stats.isSymbolicLink() ? 'a symbolic link' : 'no directory';
    throw new DaemonError('path_unsafe', `the state directory ${path} is ${what}`, {
      repair: 'name the directory itself',
    });
  }
  assertPrivate(path, stats);
}

/** The process that noted itself as the user of this directory, and since when; it may be gone after a crash. */
export async function holderOf(path: string): Promise<{ pid: number; since: number } | undefined> {
  const note = (await readFile(holderFile(path), 'utf8').catch(ignoreMissing)) ?? '';
  const [, pid, since] = /^(\d+) (\d+)\n$/.exec(note) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), since: Number(since) };
}

const holderFile = (path: string): string => join(path, 'holder');

async function alreadyRunning(path: string): Promise<DaemonError> {
  const found = await holderOf(path);
  const who =
    found === undefined ? '' : ` (process ${found.pid}, since ${new Date(found.since * 1000).toISOString()})`;
  return new DaemonError('already_running', `another dialogd${who} uses ${path}`, {
    repair: 'stop that one first, or give this one a state directory of its own',
  });
}
