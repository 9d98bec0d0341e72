import { randomBytes } from 'node:crypto';
import { open, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../private-file.ts';

/** What a start and weeks of the pool's own work need. */
const RESERVE_BYTES = 8 * 1024 * 1024;
/** It is made where this much is free, given up below that, and none is made on a disk that is small as a whole. */
const MAKE_ABOVE_BYTES = 4 * RESERVE_BYTES;
const GIVE_UP_BELOW_BYTES = RESERVE_BYTES / 2;
const LEAST_DISK_BYTES = 8 * RESERVE_BYTES;

interface Space {
  /** For this user. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Of the disk that holds this directory. */
export async function spaceOf(directory: string): Promise<Space> {
  const { bsize, bavail, blocks } = await statfs(directory);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

/** Whether the reserve is to be made or given up. Pure. */
export function reserveAction(
  there: boolean,
  { freeBytes, totalBytes }: Space,
): 'make' | 'give_up' | undefined {
  if (there) return freeBytes < GIVE_UP_BELOW_BYTES ? 'give_up' : undefined;
  return totalBytes >= LEAST_DISK_BYTES && freeBytes >= MAKE_ABOVE_BYTES ? 'make' : undefined;
}

/**
 * A file that takes up space until the disk is full: then it goes, so that the daemon starts and its own work goes on
 * where somebody else has filled the disk. Answers true where it ought to be there and is not.
 */
export async function mindReserve(stateDir: string, space: Space): Promise<boolean> {
  const there = await exists(fileIn(stateDir));
  const action = reserveAction(there, space);
  if (action === 'give_up') await giveUpReserve(stateDir);
  const now = action === undefined ? there : action === 'make' && (await make(stateDir));
  return !now && space.totalBytes >= LEAST_DISK_BYTES;
}

/** True when there was one. */
export async function giveUpReserve(stateDir: string): Promise<boolean> {
  const there = await exists(fileIn(stateDir));
  await rm(fileIn(stateDir), { force: true });
  return there;
}

/** Gives it up when next to nothing is free; for a start, which writes before anybody looks at the disk. */
export async function giveUpReserveIfFull(stateDir: string): Promise<void> {
  const space = await spaceOf(stateDir).catch(() => undefined);
  if (space !== undefined && reserveAction(true, space) === 'give_up') await giveUpReserve(stateDir);
}

const fileIn = (stateDir: string): string => join(stateDir, 'reserve');

/** Random bytes, which no file system stores as less than they are. False: they do not fit after all (a quota, say). */
async function make(stateDir: string): Promise<boolean> {
  const unfinished = `${fileIn(stateDir)}.new`;
  try {
    const file = await open(unfinished, 'w', 0o600);
    try {
      await file.writeFile(randomBytes(RESERVE_BYTES));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(unfinished, fileIn(stateDir));
    return true;
  } catch {
    await rm(unfinished, { force: true });
    return false;
  }
}
