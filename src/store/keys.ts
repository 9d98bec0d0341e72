import type { TableName } from '../tables.ts';

/** The one key outside every table. */
export const manifestKey = '!manifest';

/** Enough for every safe integer, so that numbers sort as strings. */
const NUMBER_DIGITS = 16;

/** The database key of one record: `table!key`. */
export function recordKey(table: TableName, key: string | number): string {
  return `${table}!${typeof key === 'number' ? String(key).padStart(NUMBER_DIGITS, '0') : key}`;
}

/** The keys of one table are at least `first` and below `end`; no record is at either. */
export const tableBounds = (table: TableName): { first: string; end: string } => ({
  first: `${table}!`,
  end: `${table}"`,
});

/** The table that a database key belongs to; whatever is in front of the `!`. */
export const tableOf = (key: string): string => key.slice(0, key.indexOf('!'));
