import { type Milliseconds, milliseconds } from '../ids.ts';
import type { Clock, Log, Supervisor } from '../ports.ts';
import type { Pulse } from './heart.ts';

/** Looks for each period of the service manager, so that one look may fail without an end. */
const CHECKS = 4;
/** Everything that moves at all has moved after so many looks. */
const GRACE_CHECKS = 2;
const MAX_LAG_MS = 1_000;

/** How many looks each pulse has stayed as it is. */
export type Stillness = ReadonlyMap<Pulse['name'], { readonly mark: Pulse['mark']; readonly checks: number }>;

/** Why the service manager is not told: what stands still, or an event loop that was held up. */
export type Verdict = 'alive' | Pulse['name'] | 'event_loop';

/**
 * Time is counted in looks, not read from the clock: a machine that slept has not stood still.
 * A late look says nothing about the pulses, which had no chance to move; it is counted all the same.
 */
export function judge(
  { pulses, lagMs, everyMs }: { pulses: readonly Pulse[]; lagMs: number; everyMs: number },
  before: Stillness,
): { verdict: Verdict; stillness: Stillness } {
  const stillness: Stillness = new Map(
    pulses.map(({ name, mark }) => {
      const known = before.get(name);
      return [name, { mark, checks: known?.mark === mark ? known.checks + 1 : 0 }];
    }),
  );
  const still = pulses.find(({ name, patienceMs }) => {
    const allowed = GRACE_CHECKS + Math.ceil(patienceMs / everyMs);
    return (stillness.get(name)?.checks ?? 0) >= allowed;
  });
  return { verdict: still?.name ?? (lagMs >= MAX_LAG_MS ? 'event_loop' : 'alive'), stillness };
}

interface Parts {
  readonly clock: Clock;
  readonly monotonicUsec: () => bigint;
  readonly log: Log;
  readonly supervisor: Pick<Supervisor, 'alive'>;
  /** A silence this long, and the service manager ends the process. */
  readonly watchdogMs: Milliseconds;
  readonly pulses: () => readonly Pulse[];
}

/** Tells the service manager that the daemon is alive for as long as that is true. */
export function startWatchdog({ clock, monotonicUsec, log, supervisor, watchdogMs, pulses }: Parts): {
  close(): void;
} {
  const everyMs = milliseconds(watchdogMs / CHECKS);
  let stillness: Stillness = new Map();
  let withheld = false;
  let cancel = () => {};

  const check = (lagMs: number): void => {
    const judged = judge({ pulses: pulses(), lagMs, everyMs }, stillness);
    stillness = judged.stillness;
    const alive = judged.verdict === 'alive';
    if (alive) supervisor.alive();
    if (alive && withheld) log.info('watchdog_resumed');
    if (!alive && !withheld) {
      log.warn('watchdog_withheld', {
        reason: judged.verdict,
        lagMs: Math.round(lagMs),
        endsWithinSec: watchdogMs / 1_000,
      });
    }
    withheld = !alive;
  };
  const checkLater = (): void => {
    const setAt = monotonicUsec();
    cancel = clock.after(everyMs, () => {
      check(Number(monotonicUsec() - setAt) / 1_000 - everyMs);
      checkLater();
    });
  };
  checkLater();
  return { close: () => cancel() };
}
