import { describe, expect, test } from 'vitest';
import { createReconciler } from '../../src/scheduler/reconcile.ts';
import { createSession } from '../../src/scheduler/session.ts';
import { randomDeaths, runSchedule } from '../support/engine/schedule.ts';
import { seedsOf } from '../support/soak.ts';

const engine = { createReconciler, createSession };

describe('the engine killed before and after every commit and around every send', () => {
  test('loses nothing wherever the first life ends', async () => {
    const [crossings] = await runSchedule(engine, { seed: 1, steps: 6, dieAt: () => undefined });
    expect(crossings).toBeGreaterThan(50);
    for (let crossing = 1; crossing <= crossings!; crossing++) {
      await runSchedule(engine, { seed: 1, steps: 6, dieAt: (life) => (life === 0 ? crossing : undefined) });
    }
  }, 120_000);

  test.each(seedsOf(24, 8))('loses nothing in eight short lives, seed %i', async (seed) => {
    await runSchedule(engine, randomDeaths(seed));
  });

  describe.each(['restored', 'put_back'] as const)('after a copy of the store was %s', (copy) => {
    test('replaces it wherever the first life after that ends', async () => {
      const schedule = { seed: 3, steps: 4, copy };
      const [, crossings] = await runSchedule(engine, { ...schedule, dieAt: () => undefined });
      expect(crossings).toBeGreaterThan(20);
      for (let crossing = 1; crossing <= crossings!; crossing++) {
        await runSchedule(engine, { ...schedule, dieAt: (life) => (life === 1 ? crossing : undefined) });
      }
    }, 120_000);

    test.each(seedsOf(6, 2))('replaces it in short lives, seed %i', async (seed) => {
      await runSchedule(engine, { ...randomDeaths(seed), copy });
    });
  });
});
