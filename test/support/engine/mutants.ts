import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Violation } from './invariants.ts';
import type { Return } from './past.ts';
import type { EngineModules } from './schedule.ts';

/** One mistake in the engine that the invariants exist to catch: `find` occurs exactly once in `file`. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The mistake shows where a copy of the store comes back. */
  readonly copy?: Return;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'publish before store',
    file: 'scheduler/stage.ts',
    find: 'await commit(deps, staged, now, reason);',
    replace: `for (const { event } of staged)
      for (const relay of deps.bootstrap) await deps.relays.publish(relay, event);
    await commit(deps, staged, now, reason);`,
  },
  {
    name: 'erase at rotation',
    file: 'scheduler/deliver.ts',
    find: 'if (each.createdAt < standing) tx.keyPackages.put(each.ref, retired(each, now));',
    replace: `if (each.createdAt < standing) {
      tx.keyPackages.put(each.ref, retired(each, now));
      tx.privateKeyPackages.delete(each.ref);
    }`,
  },
  {
    name: "keep-until counted from the first relay's answer",
    file: 'keypackages/retention.ts',
    find: '...elsewhere].every((relay) =>',
    replace: '...elsewhere].some((relay) =>',
  },
  {
    name: 'what was in a backup counts on',
    file: 'keypackages/world.ts',
    find: 'record.generation < quarantineBelow;',
    replace: 'record.generation < quarantineBelow - 1_000;',
    copy: 'restored',
  },
  {
    name: 'no intent record',
    file: 'scheduler/deliver.ts',
    find: "tx.outbox.put(id, withDelivery(entry, relay, { outcome: 'sent', at: now, attempts, mayHold: true }));",
    replace: 'void attempts;',
  },
  {
    name: 'a new signature per retry',
    file: 'scheduler/deliver.ts',
    find: 'await deps.relays.publish(relay, parcel.event);',
    replace: `await deps.relays.publish(
      relay,
      ((await deps.signer.sign(parcel.event)) as unknown as { value: typeof parcel.event }).value,
    );`,
  },
];

const SOURCE = resolve(import.meta.dirname, '../../../src');
const COPIES = resolve(import.meta.dirname, '../../../.mutants');

/** The same of the receiving half. */
export const RECEIVING_MUTANTS: readonly Mutant[] = [
  {
    name: 'cursor before store',
    file: 'inbox/reading.ts',
    find: "const last = step.kind === 'end' && parts.length === 1;",
    replace: 'const last = parts.length === 1;',
  },
  {
    name: 'page edge skips equal dates',
    file: 'inbox/paging.ts',
    find: '{ ...walk, until: least, before, largest }',
    replace: '{ ...walk, until: plus(least, -1), before, largest }',
  },
  {
    name: 'seen before stored',
    file: 'inbox/keep.ts',
    find: "const { wraps, left } = await store.update('receive', async (tx) => {",
    replace: `await store.update('receive', async (tx) => {
        for (const id of byId.keys())
          if (!pending.has(id)) tx.seen.put(id, { id, kind: 'other', broughtAt: now });
      });
      const { wraps, left } = await store.update('receive', async (tx) => {`,
  },
  {
    name: 'seen id swept while a relay serves it',
    file: 'inbox/seen.ts',
    find: 'const old = page.filter(({ broughtAt }) => broughtAt < end);',
    replace: `const old = [...page];
    if (old.length > 0) await store.update('sweep', async (tx) => old.forEach(({ id }) => tx.seen.delete(id)));`,
  },
  {
    name: 'dropped and not asked for again',
    file: 'inbox/keep.ts',
    find: 'left += 1;',
    replace: 'void left;',
  },
];

/** The engine with that one mistake. */
export const loadMutant = (mutant: Mutant): Promise<EngineModules> =>
  loadMutantOf(mutant, ['scheduler/reconcile.ts', 'scheduler/session.ts']);

/** These modules of a copy of the sources with that one mistake, below the project so that its dependencies resolve. */
export async function loadMutantOf<T>(
  { name, file, find, replace }: Mutant,
  modules: readonly string[],
): Promise<T> {
  const copy = join(COPIES, name.replaceAll(/\W+/g, '-'));
  await rm(copy, { recursive: true, force: true });
  await mkdir(COPIES, { recursive: true });
  await cp(SOURCE, copy, { recursive: true });
  const path = join(copy, file);
  const text = await readFile(path, 'utf8');
  if (text.split(find).length !== 2)
    throw new Error(`the text that mutant "${name}" changes is not in ${file} once`);
  await writeFile(
    path,
    text.replace(find, () => replace),
  );
  const loaded = await Promise.all(modules.map((module) => import(pathToFileURL(join(copy, module)).href)));
  return Object.assign({}, ...loaded);
}

export const removeMutants = (): Promise<void> => rm(COPIES, { recursive: true, force: true });

/** More schedules than any of the mutants has needed. */
const MAX_SEEDS = 40;

/** Some schedule ends in a Violation, and in nothing else. */
export async function mustBeCaught(run: (seed: number) => Promise<unknown>): Promise<void> {
  for (let seed = 0; seed < MAX_SEEDS; seed++) {
    const caught = await run(seed).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (caught instanceof Violation) return;
    if (caught !== undefined) throw caught;
  }
  throw new Error(`survived ${MAX_SEEDS} schedules`);
}
