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
  const cancelComparing = compareClock(clock, (bySec) => {
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
    async close() {
      cancelDeadline?.();
      cancelComparing();
      await task?.destroy();
    },
  };
}

/** Compares the clock with a timer that nothing else sets anew; returns how to end that. */
function compareClock(clock: Clock, jumped: (bySec: number) => void): () => void {
  let cancel = (): void => {};
  const compare = (): void => {
    const began = clock.now();
    cancel = clock.after(toMs(COMPARE_EVERY_SEC), () => {
      compare();
      const drift = clock.now() - began - COMPARE_EVERY_SEC;
      if (Math.abs(drift) > JUMP_SEC) jumped(drift);
    });
  };
  compare();
  return () => cancel();
}

const toMs = (sec: number): Milliseconds => milliseconds(sec * 1_000);
