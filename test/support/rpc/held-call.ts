import type { Handlers } from '../../../src/ipc/handlers.ts';

/** `daemon.wake` calls that end when the test says so. */
export interface HeldCalls {
  readonly handlers: Partial<Handlers>;
  /** The signal of every call that began, in order. */
  readonly signals: readonly AbortSignal[];
  /** Lets the call of that index end. */
  release(index: number): void;
}

export function holdCalls(): HeldCalls {
  const signals: AbortSignal[] = [];
  const ends: (() => void)[] = [];
  return {
    signals,
    handlers: {
      'daemon.wake': (_params, { signal }) => {
        signals.push(signal);
        return new Promise((resolve) => {
          ends.push(() => resolve({}));
        });
      },
    },
    release: (index) => ends[index]?.(),
  };
}
