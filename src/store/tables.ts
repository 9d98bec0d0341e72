import type { ReadTable, Sealer, Tables, Transaction, View, WriteTable } from '../ports.ts';
import { damaged } from './failures.ts';
import { recordKey, type TableName, tableBounds, tableNames } from './keys.ts';
import type { Pending } from './pending.ts';
import { decodeRecord, encodeRecord } from './record-codec.ts';
import type { Source } from './source.ts';

type Key<T extends TableName> = Tables[T][0];
type Value<T extends TableName> = Tables[T][1];

/** All tables, for reading. */
export const createView = (source: Source, sealer: Sealer): View =>
  everyTable((table) => readTable(table, source, sealer)) as View;

/** All tables, for reading and writing. */
export const createTransaction = (pending: Pending, sealer: Sealer): Transaction =>
  everyTable((table) => writeTable(table, pending, sealer)) as Transaction;

const everyTable = (table: (name: TableName) => unknown): unknown =>
  Object.fromEntries(tableNames.map((name) => [name, table(name)]));

function readTable<T extends TableName>(
  table: T,
  source: Source,
  sealer: Sealer,
): ReadTable<Key<T>, Value<T>> {
  const { first, end } = tableBounds(table);
  const unsealed = (key: string, sealed: Uint8Array): Value<T> => {
    const record = sealer.open(sealed, key);
    if (record === undefined) throw damaged(`a record of its table ${table} is unreadable`);
    return decodeRecord(record);
  };
  return {
    get: async (key) => {
      const at = recordKey(table, key);
      const [sealed] = await source.getMany([at]);
      return sealed === undefined ? undefined : unsealed(at, sealed);
    },
    list: async ({ from, limit, reverse = false } = {}) => {
      const start = from === undefined ? undefined : recordKey(table, from);
      const bounds = reverse ? { gte: first, lte: start ?? end } : { gte: start ?? first, lt: end };
      const entries = await source.range({ ...bounds, reverse, ...(limit === undefined ? {} : { limit }) });
      return entries.map(([key, sealed]) => unsealed(key, sealed));
    },
    count: async () => (await source.counts())[table] ?? 0,
  };
}

function writeTable<T extends TableName>(
  table: T,
  pending: Pending,
  sealer: Sealer,
): WriteTable<Key<T>, Value<T>> {
  return {
    ...readTable(table, pending.source, sealer),
    put: (key, value) => {
      const at = recordKey(table, key);
      pending.put(at, sealer.seal(encodeRecord(value), at));
    },
    delete: (key) => pending.delete(recordKey(table, key)),
  };
}
