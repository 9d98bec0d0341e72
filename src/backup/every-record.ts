import type { Tables, Transaction, View } from '../ports.ts';

export type TableName = keyof Tables;

/** The key of each record. A new table cannot be forgotten here; `meta` is the last. */
export const keyOf: { readonly [T in TableName]: (record: Tables[T][1]) => Tables[T][0] } = {
  slots: ({ slot }) => slot,
  keyPackages: ({ ref }) => ref,
  tombstones: ({ ref }) => ref,
  privateKeyPackages: ({ ref }) => ref,
  outbox: ({ event }) => event.id,
  relayLists: ({ kind }) => String(kind),
  wraps: ({ id }) => id,
  cursors: ({ relay }) => relay,
  notices: ({ seq }) => seq,
  meta: () => 'meta',
};
export const tableNames = Object.keys(keyOf) as TableName[];

/** Records read at a time: so many of the largest, of 4 MiB, are in memory. */
const PAGE = 8;

/** All records of a table, a few at a time. */
export async function* recordsOf<T extends TableName>(view: View, table: T): AsyncIterable<Tables[T][1]> {
  let from: Tables[T][0] | undefined;
  do {
    const page = await view[table].list({ ...(from === undefined ? {} : { from }), limit: PAGE + 1 });
    // The last of a page begins the next one.
    const next = page[PAGE];
    yield* page.slice(0, PAGE);
    from = next === undefined ? undefined : keyOf[table](next);
  } while (from !== undefined);
}

/** Removes a few records of a table; false when there were none. */
export async function removeSome<T extends TableName>(tx: Transaction, table: T): Promise<boolean> {
  const page = await tx[table].list({ limit: PAGE });
  for (const record of page) tx[table].delete(keyOf[table](record));
  return page.length > 0;
}
