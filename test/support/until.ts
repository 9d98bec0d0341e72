import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 5;

/**
 * Waits until `condition` returns something truthy and returns that; throws after `boundMs`, naming `what`.
 * A condition that throws counts as not yet, and its last error is the cause.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string,
  boundMs = 5_000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + boundMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) throw new Error(`not within ${boundMs} ms: ${what}`, { cause });
    await delay(POLL_MS);
  }
}
