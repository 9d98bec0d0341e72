import { createHash } from 'node:crypto';
import type { Database } from './database.ts';
import { manifestKey, tableOf } from './keys.ts';

/** What a set of entries amounts to. */
export interface Tally {
  /** XOR of the SHA-256 of all entries: 32 bytes, in any order. */
  readonly digest: Uint8Array;
  /** Records by table; tables without any are left out. */
  readonly counts: Readonly<Record<string, number>>;
}

/** One entry that changes: absent before it is created and after it is deleted. */
export interface Change {
  readonly key: string;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
}

export const emptyTally: Tally = { digest: new Uint8Array(32), counts: {} };

/** Entries read at a time. */
const CHUNK = 1000;

/** The tally after these changes. */
export function retally(tally: Tally, changes: Iterable<Change>): Tally {
  const digest = Uint8Array.from(tally.digest);
  const counts: Record<string, number> = { ...tally.counts };
  const toggle = (key: string, value: Uint8Array, difference: 1 | -1): void => {
    const hash = createHash('sha256').update(`${key}\n`).update(value).digest();
    for (let i = 0; i < digest.length; i++) digest[i]! ^= hash[i]!;
    counts[tableOf(key)] = (counts[tableOf(key)] ?? 0) + difference;
  };
  for (const { key, before, after } of changes) {
    if (before !== undefined) toggle(key, before, -1);
    if (after !== undefined) toggle(key, after, 1);
  }
  for (const table of Object.keys(counts)) if (counts[table] === 0) delete counts[table];
  return { digest, counts };
}

/** The tally of everything in the database but its manifest. */
export async function tallyOf(database: Database): Promise<Tally> {
  let tally = emptyTally;
  const iterator = database.iterator({});
  try {
    for (;;) {
      const entries = await iterator.nextv(CHUNK);
      if (entries.length === 0) return tally;
      const records = entries.filter(([key]) => key !== manifestKey);
      tally = retally(
        tally,
        records.map(([key, value]) => ({ key, before: undefined, after: value })),
      );
    }
  } finally {
    await iterator.close();
  }
}
