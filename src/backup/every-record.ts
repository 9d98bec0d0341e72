import type { Transaction, View } from '../ports.ts';
import { type KeyOf, type RecordOf, type TableName, tables } from '../tables.ts';

/** Records read at a time: so many of the largest, of 4 MiB, are in memory. */
const PAGE = 8;

/** All records of a table, a few at a time. */
export async function* recordsOf<T extends TableName>(view: View, table: T): AsyncIterable<RecordOf<T>> {
  let from: KeyOf<T> | undefined;
  do {
    const page = await view[table].list({ ...(from === undefined ? {} : { from }), limit: PAGE + 1 });
    // The last of a page begins the next one.
    const next = page[PAGE];
    yield* page.slice(0, PAGE);
    from = next === undefined ? undefined : tables[table].key(next);
  } while (from !== undefined);
}

/** Removes a few records of a table; false when there were none. */
export async function removeSome<T extends TableName>(tx: Transaction, table: T): Promise<boolean> {
  const page = await tx[table].list({ limit: PAGE });
  for (const record of page) tx[table].delete(tables[table].key(record));
  return page.length > 0;
}
