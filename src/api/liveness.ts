import type { Reconciler } from '../scheduler/reconcile.ts';
import type { Pass, Passes } from './passes.ts';

/** A pass takes milliseconds. */
const PASS_WITHIN_MS = 5_000;

/** A pass that begins after the question; undefined when the engine's loop does not come through one. */
export async function nextPass(
  engine: Pick<Reconciler, 'wake'>,
  passes: Pick<Passes, 'next'>,
): Promise<Pass | undefined> {
  const passed = passes.next(AbortSignal.timeout(PASS_WITHIN_MS));
  engine.wake();
  return passed.catch(() => undefined);
}
