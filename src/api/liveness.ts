import type { Reconciler } from '../scheduler/reconcile.ts';
import type { Passes } from './passes.ts';

/** A pass takes milliseconds. */
const PASS_WITHIN_MS = 5_000;

/** True when the engine's loop moves: it is woken, and has to come through a pass. */
export async function feelPulse(
  engine: Pick<Reconciler, 'wake'>,
  passes: Pick<Passes, 'until'>,
): Promise<boolean> {
  const passed = passes.until(() => true, AbortSignal.timeout(PASS_WITHIN_MS));
  engine.wake();
  return passed.then(
    () => true,
    () => false,
  );
}
