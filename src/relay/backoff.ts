import { type Milliseconds, milliseconds, type UnixSeconds } from '../ids.ts';
import { fraction } from '../random.ts';
import type { RelayContext } from './context.ts';

/** How long to wait before the next attempt at something that keeps failing. */
export interface Backoff {
  /** The attempt succeeded. */
  up(): void;
  /** It failed, or ended after it had succeeded: the delay before the next one. */
  down(): Milliseconds;
  /** Failures in a row, counting successes that did not hold; 0 once one holds. */
  failures(): number;
}

/**
 * Exponential back-off with full jitter: uniform between nothing and a ceiling that doubles with every failure
 * in a row. Only a success that held for `stableSec` ends the row, so that a relay which accepts and
 * hangs up is not asked every second.
 */
export function createBackoff({
  clock,
  random,
  limits,
}: Pick<RelayContext, 'clock' | 'random' | 'limits'>): Backoff {
  let count = 0;
  let upSince: UnixSeconds | undefined;
  const failures = () => (upSince !== undefined && clock.now() - upSince >= limits.stableSec ? 0 : count);
  return {
    up() {
      upSince = clock.now();
    },
    down() {
      count = failures() + 1;
      upSince = undefined;
      const ceiling = Math.min(limits.backoffCapMs, limits.backoffBaseMs * 2 ** (count - 1));
      return milliseconds(Math.ceil(ceiling * fraction(random)));
    },
    failures,
  };
}
