import { DaemonError } from '../errors.ts';
import type { World } from '../keypackages/world.ts';

/** Tells whoever waits what the engine saw in its latest pass. */
export interface Passes {
  passed(world: World): void;
  /** Resolves once `condition` holds after a pass. Error: `shutting_down` when `signal` is aborted first. */
  until(condition: (world: World) => boolean, signal: AbortSignal): Promise<void>;
}

export function createPasses(): Passes {
  const listeners = new Set<(world: World) => void>();
  return {
    passed(world) {
      for (const listener of listeners) listener(world);
    },
    until(condition, signal) {
      return new Promise((resolve, reject) => {
        const done = (settle: () => void): void => {
          listeners.delete(listener);
          signal.removeEventListener('abort', onAbort);
          settle();
        };
        const listener = (world: World): void => {
          if (condition(world)) done(resolve);
        };
        const onAbort = (): void =>
          done(() => reject(new DaemonError('shutting_down', 'the wait ended before the work did')));
        if (signal.aborted) return onAbort();
        listeners.add(listener);
        signal.addEventListener('abort', onAbort);
      });
    },
  };
}
