import { describe, expect, test } from 'vitest';
import { createReconciler } from '../../src/scheduler/reconcile.ts';
import { createSession } from '../../src/scheduler/session.ts';
import { randomDeaths, runSchedule } from '../support/engine/schedule.ts';

const engine = { createReconciler, createSession };

describe('the engine killed before and after every commit and around every send', () => {
  test('loses nothing wherever the first life ends', async () => {
    const crossings = await runSchedule(engine, { seed: 1, steps: 6, dieAt: () => undefined });
    expect(crossings).toBeGreaterThan(50);
    for (let crossing = 1; crossing <= crossings; crossing++) {
      await runSchedule(engine, { seed: 1, steps: 6, dieAt: (life) => (life === 0 ? crossing : undefined) });
    }
  }, 120_000);

  test.each(Array.from({ length: 24 }, (_, seed) => seed))(
    'loses nothing in eight short lives, seed %i',
    async (seed) => {
      await runSchedule(engine, randomDeaths(seed));
    },
  );
});
