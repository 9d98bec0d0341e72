import { milliseconds } from '../ids.ts';
import type { Clock } from '../ports.ts';

/** One alarm that can be set, set again and cleared; setting it forgets the earlier one. */
export interface Timer {
  set(delayMs: number, wake: () => void): void;
  clear(): void;
  isSet(): boolean;
}

export function createTimer(clock: Clock): Timer {
  let cancel: (() => void) | undefined;
  const clear = () => {
    cancel?.();
    cancel = undefined;
  };
  return {
    set(delayMs, wake) {
      clear();
      cancel = clock.after(milliseconds(delayMs), () => {
        cancel = undefined;
        wake();
      });
    },
    clear,
    isSet: () => cancel !== undefined,
  };
}
