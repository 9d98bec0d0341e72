import type { TableName } from '../tables.ts';
import type { Database } from './database.ts';
import { tableBounds } from './keys.ts';

/**
 * Rewrites the files that hold a table, so that what was deleted from it is in none of them. LevelDB's
 * compactRange pushes entries down to the lowest level that has any, and leaves that level as it is: deleted
 * values that were flushed straight to it stay. Tombstones of keys at both ends of the table make a file that
 * overlaps all of it, and force that level to be merged in the second round.
 */
export async function rewriteTable(database: Database, table: TableName): Promise<void> {
  const { first, end } = tableBounds(table);
  for (let round = 1; round <= 2; round++) {
    await database.batch(
      [
        { type: 'del', key: first },
        { type: 'del', key: end },
      ],
      { sync: true },
    );
    await database.compactRange?.(first, end);
  }
}
