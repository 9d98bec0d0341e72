import { afterAll, expect, test } from 'vitest';
import { Violation } from '../support/engine/invariants.ts';
import { loadMutant, MUTANTS, removeMutants } from '../support/engine/mutants.ts';
import { randomDeaths, runSchedule } from '../support/engine/schedule.ts';

/** More schedules than any of the mutants has needed. */
const MAX_SEEDS = 40;

afterAll(removeMutants);

test.each(MUTANTS)('the crash loop catches the mutant "$name"', async (mutant) => {
  const modules = await loadMutant(mutant);
  const copy = mutant.copy === undefined ? {} : { copy: mutant.copy };
  for (let seed = 0; seed < MAX_SEEDS; seed++) {
    const caught = await runSchedule(modules, { ...randomDeaths(seed), ...copy }).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (caught === undefined) continue;
    expect(caught).toBeInstanceOf(Violation);
    return;
  }
  expect.unreachable(`survived ${MAX_SEEDS} schedules`);
});
