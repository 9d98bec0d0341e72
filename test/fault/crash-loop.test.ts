import { describe, expect, test } from 'vitest';
import { createReconciler } from '../../src/scheduler/reconcile.ts';
import { createSession } from '../../src/scheduler/session.ts';
import { randomDeaths, runSchedule } from '../support/engine/schedule.ts';

const engine = { createReconciler, createSession };

describe('the engine killed before and after every commit and around every send', () => {
  test('loses nothing wherever the first life ends', async () => {
    const [crossings] = await runSchedule(engine, { seed: 1, steps: 6, dieAt: () => undefined });
    expect(crossings).toBeGreaterThan(50);
    for (let crossing = 1; crossing <= crossings!; crossing++) {
      await runSchedule(engine, { seed: 1, steps: 6, dieAt: (life) => (life === 0 ? crossing : undefined) });
    }
  }, 120_000);

  test.each(Array.from({ length: 24 }, (_, seed) => seed))(
    'loses nothing in eight short lives, seed %i',
    async (seed) => {
      await runSchedule(engine, randomDeaths(seed));
    },
  );

  describe.each(['restored', 'put_back'] as const)('after a copy of the store was %s', (copy) => {
    test('replaces it wherever the first life after that ends', async () => {
      const schedule = { seed: 3, steps: 4, copy };
      const [, crossings] = await runSchedule(engine, { ...schedule, dieAt: () => undefined });
      expect(crossings).toBeGreaterThan(20);
      for (let crossing = 1; crossing <= crossings!; crossing++) {
        await runSchedule(engine, { ...schedule, dieAt: (life) => (life === 1 ? crossing : undefined) });
      }
    }, 120_000);

    test.each(Array.from({ length: 6 }, (_, seed) => seed))(
      'replaces it in short lives, seed %i',
      async (seed) => {
        await runSchedule(engine, { ...randomDeaths(seed), copy });
      },
    );
  });
});
