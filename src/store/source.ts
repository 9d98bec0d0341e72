import type { Sealer } from '../ports.ts';
import type { Database, Entry, Range, Snapshot } from './database.ts';
import { storeFailure } from './failures.ts';
import { manifestKey } from './keys.ts';
import { decodeManifest } from './manifest.ts';

/** Entries to read from: a database at one moment, or that and what a transaction has written so far. */
export interface Source {
  getMany(keys: string[]): Promise<(Uint8Array | undefined)[]>;
  range(range: Range): Promise<Entry[]>;
  /** Records in each table that has any. */
  counts(): Promise<Readonly<Record<string, number>>>;
}

/** The database as it was when `snapshot` was taken; without one, as it is. Errors: see storeFailure. */
export function databaseSource(database: Database, sealer: Sealer, snapshot?: Snapshot): Source {
  const moment = snapshot === undefined ? {} : { snapshot };
  const reading = <T>(result: Promise<T>): Promise<T> =>
    result.catch((error) => {
      throw storeFailure(error, 'reading');
    });
  const getMany = (keys: string[]) => reading(database.getMany(keys, moment));
  return {
    getMany,
    range: (range) => reading(database.iterator({ ...range, ...moment }).all()),
    counts: async () => {
      const [manifest] = await getMany([manifestKey]);
      return manifest === undefined ? {} : decodeManifest(manifest, sealer).counts;
    },
  };
}
