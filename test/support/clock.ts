import { type Milliseconds, type UnixSeconds, unixSeconds } from '../../src/ids.ts';
import type { Clock } from '../../src/ports.ts';

export { systemClock } from '../../src/daemon/system.ts';

/** A clock that stands still until told to move; timers fire in due order while it is moved. */
export interface ManualClock extends Clock {
  /** Moves time on, firing every timer that falls due on the way, those set meanwhile included. */
  advance(sec: number): void;
  /** The wall clock is set to `at` (a jump); timers keep the delay they had left. */
  jump(at: UnixSeconds): void;
  /** Timers still waiting. */
  pending(): number;
}

interface Timer {
  readonly dueMs: number;
  readonly wake: () => void;
}

export function createManualClock(start: UnixSeconds | number = 1_800_000_000): ManualClock {
  let elapsedMs = 0;
  let wallMsAtZero = start * 1000;
  const timers = new Set<Timer>();

  const nextDue = (untilMs: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueMs <= untilMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  };

  return {
    now: () => unixSeconds((wallMsAtZero + elapsedMs) / 1000),
    after(delay: Milliseconds, wake) {
      const timer = { dueMs: elapsedMs + Math.max(0, delay), wake };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(sec) {
      const untilMs = elapsedMs + sec * 1000;
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer);
        elapsedMs = timer.dueMs;
        timer.wake();
      }
      elapsedMs = untilMs;
    },
    jump(at) {
      wallMsAtZero = at * 1000 - elapsedMs;
    },
    pending: () => timers.size,
  };
}
