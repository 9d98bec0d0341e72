import { DaemonError } from '../errors.ts';
import type { World } from '../keypackages/world.ts';
import type { Plan } from '../policy.ts';

/** What the engine saw, and what it makes of it. */
export interface Pass {
  readonly world: World;
  readonly plan: Plan;
}

/** Tells whoever waits what the engine saw in its latest pass. */
export interface Passes {
  /** A pass begins to look. */
  passing(): void;
  passed(world: World, plan: Plan): void;
  /**
   * Resolves with the first pass after which `condition` holds. Error: `shutting_down` when `signal` is aborted before.
   */
  until(condition: (world: World) => boolean, signal: AbortSignal): Promise<Pass>;
  /** The first pass that begins after the call. Error: likewise. */
  next(signal: AbortSignal): Promise<Pass>;
}

export function createPasses(): Passes {
  const listeners = new Set<(pass: Pass) => void>();
  let begun = 0;
  const until: Passes['until'] = (condition, signal) =>
    new Promise((resolve, reject) => {
      const done = (settle: () => void): void => {
        listeners.delete(listener);
        signal.removeEventListener('abort', onAbort);
        settle();
      };
      const listener = (pass: Pass): void => {
        if (condition(pass.world)) done(() => resolve(pass));
      };
      const onAbort = (): void =>
        done(() => reject(new DaemonError('shutting_down', 'the wait ended before the work did')));
      if (signal.aborted) return onAbort();
      listeners.add(listener);
      signal.addEventListener('abort', onAbort);
    });

  return {
    passing() {
      begun += 1;
    },
    passed(world, plan) {
      for (const listener of listeners) listener({ world, plan });
    },
    until,
    next(signal) {
      // Passes do not overlap: the one that ends now is the last that began.
      const before = begun;
      return until(() => begun > before, signal);
    },
  };
}
