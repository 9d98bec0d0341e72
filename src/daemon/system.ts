import { randomBytes } from 'node:crypto';
import { unixSeconds } from '../ids.ts';
import type { Clock, Random } from '../ports.ts';

/** The clock of this machine. Timers do not keep the process alive: the socket does. */
export const systemClock: Clock = {
  now: () => unixSeconds(Date.now() / 1_000),
  after(delay, wake) {
    const timer = setTimeout(wake, delay);
    return () => clearTimeout(timer);
  },
};

/** The operating system's secure random source. */
export const systemRandom: Random = { bytes: (length) => new Uint8Array(randomBytes(length)) };

/** CLOCK_MONOTONIC: does not jump, and stands still while the machine sleeps. */
export const monotonicUsec = (): bigint => process.hrtime.bigint() / 1_000n;
