import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sealer } from '../ports.ts';
import { exists, ignoreMissing } from '../private-file.ts';
import { keepAsFound } from './as-found.ts';
import { type Database, openLevel, orClose } from './database.ts';
import { damaged, isLocked, storeFailure } from './failures.ts';
import { manifestKey } from './keys.ts';
import { decodeManifest, encodeManifest, firstManifest, type Manifest } from './manifest.ts';
import { isSoundTable } from './table-file.ts';
import { tallyOf } from './tally.ts';
import { openWitness, type Witness } from './witness.ts';

const TABLE = /\.(ldb|sst)$/;

/** An open database that holds what it should. */
export interface Opened {
  readonly database: Database;
  readonly manifest: Manifest;
  /** Beside LevelDB only. */
  readonly witness?: Witness;
}

/**
 * Opens LevelDB in a state directory, or creates it, and checks that nothing in it is missing or changed. A
 * refused opening leaves all files as they were. Errors: `store_damaged`, `seal_wrong_key`, `unsupported`,
 * `disk_full`, `store_unavailable`.
 */
export async function openInDirectory(stateDir: string, sealer: Sealer): Promise<Opened> {
  const directory = join(stateDir, 'store');
  const witness = await openWitness(join(stateDir, 'witness'), sealer.keyId);
  try {
    const asFound = await keepAsFound(directory);
    if (witness.exists && !(await exists(directory))) throw damaged('its directory is missing');
    const { database, manifest } = await openChecked(directory, witness, sealer).catch(async (error) => {
      if (!isLocked(error)) await asFound.putBack();
      throw error;
    });
    return await orClose(database, async () => {
      await asFound.release();
      await witness.record(manifest);
      return { database, manifest, witness };
    });
  } catch (error) {
    await witness.close();
    throw storeFailure(error, 'opening');
  }
}

async function openChecked(directory: string, witness: Witness, sealer: Sealer): Promise<Opened> {
  const unsound = await unsoundTables(directory);
  const database = await openLevel(directory);
  return orClose(database, async () => {
    // What a kill left half-written was never part of the database: LevelDB has just removed or replaced it.
    for (const [name, before] of unsound) {
      const bytes = await readFile(join(directory, name)).catch(ignoreMissing);
      if (bytes?.equals(before)) throw damaged(`its file ${name} is not as it was written`);
    }
    const manifest = await checkedManifest(database, sealer);
    if (!witness.exists && manifest.sequence > 1) throw damaged('its witness file is missing');
    witness.compare(manifest);
    return { database, manifest };
  });
}

/** The same for a database that lives in memory. */
export async function openInMemory(database: Database, sealer: Sealer): Promise<Opened> {
  await database.open();
  return { database, manifest: await checkedManifest(database, sealer) };
}

/** The table files with an unsound block, and what is in them. */
export async function unsoundTables(directory: string): Promise<ReadonlyMap<string, Buffer>> {
  const unsound = new Map<string, Buffer>();
  for (const name of (await readdir(directory).catch(ignoreMissing)) ?? []) {
    if (!TABLE.test(name)) continue;
    const bytes = await readFile(join(directory, name));
    if (!isSoundTable(bytes)) unsound.set(name, bytes);
  }
  return unsound;
}

/** The manifest, which must agree with every entry there is. An empty database gets its first one. */
async function checkedManifest(database: Database, sealer: Sealer): Promise<Manifest> {
  const tally = await tallyOf(database);
  const [bytes] = await database.getMany([manifestKey], {});
  if (bytes === undefined) {
    if (Object.keys(tally.counts).length > 0) throw damaged('its manifest is missing');
    const value = encodeManifest(firstManifest, sealer);
    await database.batch([{ type: 'put', key: manifestKey, value }], { sync: true });
    return firstManifest;
  }
  const manifest = decodeManifest(bytes, sealer);
  for (const table of new Set([...Object.keys(manifest.counts), ...Object.keys(tally.counts)])) {
    const [has, had] = [tally.counts[table] ?? 0, manifest.counts[table] ?? 0];
    if (has !== had) throw damaged(`its table ${table} has ${has} records and should have ${had}`);
  }
  if (Buffer.compare(tally.digest, manifest.digest) !== 0) throw damaged('a record is not as it was written');
  return manifest;
}
