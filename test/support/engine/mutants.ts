import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
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

/** A copy of the sources with that one mistake, below the project so that its dependencies resolve. */
export async function loadMutant({ name, file, find, replace }: Mutant): Promise<EngineModules> {
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
  const load = (module: string) => import(pathToFileURL(join(copy, module)).href);
  return { ...(await load('scheduler/reconcile.ts')), ...(await load('scheduler/session.ts')) };
}

export const removeMutants = (): Promise<void> => rm(COPIES, { recursive: true, force: true });
