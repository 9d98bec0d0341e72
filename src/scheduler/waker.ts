import { schedule } from 'node-cron';
import { type Milliseconds, milliseconds, type UnixSeconds } from '../ids.ts';
import type { Clock } from '../ports.ts';

/** More than this between the clock and a timer means that the machine slept or the clock was set. */
const JUMP_SEC = 60;
/** A timer is never longer than this, so that a jump is noticed within it. */
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
  let cancel: (() => void) | undefined;
  let timer: ReturnType<Waker['timer']>;
  let timers = 0;
  const task =
    tickExpression === undefined
      ? undefined
      : schedule(tickExpression, () => callbacks.wake('tick'), { name: 'tick', noOverlap: true });
  // node-cron does not catch up on ticks that a sleeping machine missed.
  task?.on('execution:missed', () => callbacks.wake('missed tick'));

  return {
    setDeadline(at) {
      cancel?.();
      cancel = undefined;
      const now = clock.now();
      const delaySec = Math.min(MAX_DELAY_SEC, Math.max(1, (at ?? now + MAX_DELAY_SEC) - now));
      timer = { count: ++timers, delayMs: toMs(delaySec) };
      cancel = clock.after(timer.delayMs, () => {
        timer = undefined;
        const drift = clock.now() - now - delaySec;
        if (Math.abs(drift) > JUMP_SEC) callbacks.clockJumped(drift);
        callbacks.wake('deadline');
      });
    },
    timer: () => timer,
    async close() {
      cancel?.();
      await task?.destroy();
    },
  };
}

const toMs = (sec: number): Milliseconds => milliseconds(sec * 1_000);
