import { afterAll, describe, expect, test } from 'vitest';
import { openInbox } from '../../src/inbox/inbox.ts';
import { loadMutantOf, mustBeCaught, RECEIVING_MUTANTS, removeMutants } from '../support/engine/mutants.ts';
import { type ReceivingModules, randomReceivingDeaths, runReceiving } from '../support/engine/receiving.ts';
import { SOAK, seedsOf } from '../support/soak.ts';

describe('the receiving half killed before and after every commit and every answer', () => {
  test('loses nothing wherever the first life ends', async () => {
    const schedule = { seed: 1, steps: 5 };
    const [crossings] = await runReceiving({ openInbox }, { ...schedule, dieAt: () => undefined });
    expect(crossings).toBeGreaterThan(30);
    for (let crossing = 1; crossing <= crossings!; crossing += SOAK ? 1 : 7) {
      await runReceiving(
        { openInbox },
        { ...schedule, dieAt: (life) => (life === 0 ? crossing : undefined) },
      );
    }
  }, 120_000);

  test.each(seedsOf(96, 8))('loses nothing in eight short lives, seed %i', async (seed) => {
    await runReceiving({ openInbox }, randomReceivingDeaths(seed));
  });
});

test.each(seedsOf(48, 6))('a clock that is set back and forth hides nothing, seed %i', async (seed) => {
  await runReceiving({ openInbox }, { ...randomReceivingDeaths(seed), jumps: true });
});

describe('the loop of the receiving half', () => {
  afterAll(removeMutants);

  test.each(RECEIVING_MUTANTS)('catches the mutant "$name"', async (mutant) => {
    const modules = await loadMutantOf<ReceivingModules>(mutant, ['inbox/inbox.ts']);
    await mustBeCaught((seed) => runReceiving(modules, randomReceivingDeaths(seed)));
  });
});
