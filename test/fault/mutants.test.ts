import { afterAll, test } from 'vitest';
import { loadMutant, MUTANTS, mustBeCaught, removeMutants } from '../support/engine/mutants.ts';
import { randomDeaths, runSchedule } from '../support/engine/schedule.ts';

afterAll(removeMutants);

test.each(MUTANTS)('the crash loop catches the mutant "$name"', async (mutant) => {
  const modules = await loadMutant(mutant);
  const copy = mutant.copy === undefined ? {} : { copy: mutant.copy };
  await mustBeCaught((seed) => runSchedule(modules, { ...randomDeaths(seed), ...copy }));
});
