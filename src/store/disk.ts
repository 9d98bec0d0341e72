import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { UnixSeconds } from '../ids.ts';
import type { Clock, Disk, DiskFacts } from '../ports.ts';
import { mindReserve, spaceOf } from './reserve.ts';

/** What is known is taken for true for so long. */
const LOOK_EVERY_SEC = 30;
/** A disk that takes longer counts as failing; one look at a time, however long it takes. */
const LOOK_WITHIN_MS = 2_000;
const TOO_SLOW: DiskFacts = {
  freeBytes: 0,
  totalBytes: 0,
  trouble: `no answer within ${LOOK_WITHIN_MS / 1_000} s`,
};

/**
 * The disk that holds this directory, by its figures and by writing a byte to a file of its own there; keeps the reserve,
 * or gives it up.
 */
export function createDisk(directory: string, clock: Clock): Disk {
  let latest: { at: UnixSeconds; facts: DiskFacts } | undefined;
  let looking: Promise<DiskFacts> | undefined;

  return {
    async look() {
      const now = clock.now();
      if (latest !== undefined && Math.abs(now - latest.at) < LOOK_EVERY_SEC) return latest.facts;
      looking ??= lookAt(directory).finally(() => {
        looking = undefined;
      });
      latest = { at: now, facts: await within(looking) };
      return latest.facts;
    },
  };
}

async function lookAt(directory: string): Promise<DiskFacts> {
  try {
    const space = await spaceOf(directory);
    const handle = await open(join(directory, 'probe'), 'w', 0o600);
    try {
      await handle.write('.');
      await handle.datasync();
    } finally {
      await handle.close();
    }
    return { ...space, trouble: undefined, reserveGone: await mindReserve(directory, space) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { freeBytes: 0, totalBytes: 0, trouble: code ?? message };
  }
}

/** By the time of the machine: how long a disk takes is no matter of what its clock says. */
async function within(look: Promise<DiskFacts>): Promise<DiskFacts> {
  const enough = new AbortController();
  try {
    return await Promise.race([look, delay(LOOK_WITHIN_MS, TOO_SLOW, { ref: false, signal: enough.signal })]);
  } finally {
    enough.abort();
  }
}
