import type { ReadTable, Sealer, Transaction, View, WriteTable } from '../ports.ts';
import { type KeyOf, type RecordOf, type TableName, tableNames, tables } from '../tables.ts';
import { damaged } from './failures.ts';
import { recordKey, tableBounds } from './keys.ts';
import type { Pending } from './pending.ts';
import { decodeRecord, encodeRecord } from './record-codec.ts';
import type { Source } from './source.ts';

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
): ReadTable<KeyOf<T>, RecordOf<T>> {
  const { first, end } = tableBounds(table);
  const unsealed = (key: string, sealed: Uint8Array): RecordOf<T> => {
    const record = sealer.open(sealed, key);
    if (record === undefined) throw damaged(`a record of its table ${table} is unreadable`);
    const value = decodeRecord(table, record);
    if (tables[table].secret) record.fill(0);
    return value;
  };
  const getMany = async (keys: readonly KeyOf<T>[]): Promise<(RecordOf<T> | undefined)[]> => {
    const at = keys.map((key) => recordKey(table, key));
    const sealed = await source.getMany(at);
    return sealed.map((value, i) => (value === undefined ? undefined : unsealed(at[i]!, value)));
  };
  return {
    getMany,
    get: async (key) => (await getMany([key]))[0],
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
): WriteTable<KeyOf<T>, RecordOf<T>> {
  return {
    ...readTable(table, pending.source, sealer),
    put: (key, value) => {
      const at = recordKey(table, key);
      const record = encodeRecord(table, value);
      pending.put(at, sealer.seal(record, at));
      if (tables[table].secret) record.fill(0);
    },
    delete: (key) => pending.delete(recordKey(table, key)),
  };
}
