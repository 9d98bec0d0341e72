import { schedule } from 'node-cron';
import { type Milliseconds, milliseconds, type UnixSeconds } from '../ids.ts';
import type { Clock } from '../ports.ts';

/** More than this between the clock and a timer means that the machine slept or the clock was set. */
const JUMP_SEC = 60;
const COMPARE_EVERY_SEC = 45;
const MAX_DELAY_SEC = 900;

export interface Waker {
  /** Wakes at `at`, in place of the deadline set before; undefined: only ticks wake. */
  setDeadline(at: UnixSeconds | undefined): void;
  /** The timer for the deadline: the how many-th it is, and the delay it was set to. Undefined: none is set. */
  timer(): { readonly count: number; readonly delayMs: Milliseconds } | undefined;
  /** Notices at once that the clock jumped, as far as the clock alone tells. */
  compareClock(): void;
  close(): Promise<void>;
}

/** The regular tick and one timer for the next deadline; both only wake the engine. */
export function createWaker(
  clock: Clock,
  tickExpression: string | undefined,
  callbacks: { wake(reason: string): void; clockJumped(bySec: number): void },
): Waker {
  let cancelDeadline: (() => void) | undefined;
  let timer: ReturnType<Waker['timer']>;
  let timers = 0;
  const watch = watchClock(clock, (bySec) => {
    callbacks.clockJumped(bySec);
    callbacks.wake('clock jumped');
  });
  const task =
    tickExpression === undefined
      ? undefined
      : schedule(tickExpression, () => callbacks.wake('tick'), { name: 'tick', noOverlap: true });
  // node-cron does not catch up on ticks that a sleeping machine missed.
  task?.on('execution:missed', () => callbacks.wake('missed tick'));

  return {
    setDeadline(at) {
      cancelDeadline?.();
      const now = clock.now();
      const delaySec = Math.min(MAX_DELAY_SEC, Math.max(1, (at ?? now + MAX_DELAY_SEC) - now));
      timer = { count: ++timers, delayMs: toMs(delaySec) };
      cancelDeadline = clock.after(timer.delayMs, () => {
        timer = undefined;
        callbacks.wake('deadline');
      });
    },
    timer: () => timer,
    compareClock: watch.compare,
    async close() {
      cancelDeadline?.();
      watch.end();
      await task?.destroy();
    },
  };
}

/** Compares the clock with a timer that nothing else sets anew, and with how late that is at the most. */
function watchClock(clock: Clock, jumped: (bySec: number) => void): { compare(): void; end(): void } {
  let began: UnixSeconds;
  let cancel = (): void => {};
  const begin = (): void => {
    cancel();
    began = clock.now();
    cancel = clock.after(toMs(COMPARE_EVERY_SEC), () => judge(clock.now() - began - COMPARE_EVERY_SEC));
  };
  const judge = (drift: number): void => {
    begin();
    if (Math.abs(drift) > JUMP_SEC) jumped(drift);
  };
  begin();
  return {
    compare() {
      const passed = clock.now() - began;
      if (passed < -JUMP_SEC) judge(passed);
      else if (passed > COMPARE_EVERY_SEC + JUMP_SEC) judge(passed - COMPARE_EVERY_SEC);
    },
    end: () => cancel(),
  };
}

const toMs = (sec: number): Milliseconds => milliseconds(sec * 1_000);
