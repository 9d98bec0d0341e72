import { Level } from 'level';

export type Entry = [key: string, value: Uint8Array];
export type Write = { type: 'put'; key: string; value: Uint8Array } | { type: 'del'; key: string };

export interface Snapshot {
  close(): Promise<void>;
}

export interface Range {
  readonly gte?: string;
  readonly lte?: string;
  readonly lt?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/**
 * What the store needs of a database with string keys and byte values: `Level`, or any other abstract-level
 * database made with `{ keyEncoding: 'utf8', valueEncoding: 'view' }`.
 */
export interface Database {
  open(): Promise<void>;
  close(): Promise<void>;
  snapshot(): Snapshot;
  getMany(keys: string[], options: { snapshot?: Snapshot }): Promise<(Uint8Array | undefined)[]>;
  iterator(options: Range & { snapshot?: Snapshot }): EntryIterator;
  batch(writes: Write[], options: { sync?: boolean; keyEncoding?: string }): Promise<void>;
  /** LevelDB only. */
  compactRange?(start: string, end: string): Promise<void>;
}

interface EntryIterator {
  all(): Promise<Entry[]>;
  /** The next entries, at most `size`; none at the end. */
  nextv(size: number): Promise<Entry[]>;
  close(): Promise<void>;
}

/** A small state needs small buffers; LevelDB's defaults are 4 and 8 MiB. */
const BUFFER_BYTES = 1024 * 1024;

/** Opens LevelDB in a directory of its own, or creates it there. Sealed values do not compress. */
export async function openLevel(directory: string): Promise<Database> {
  // It starts to open when it is constructed, before anybody calls `open`.
  const level = new Level<string, Uint8Array>(directory, {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    compression: false,
    writeBufferSize: BUFFER_BYTES,
    cacheSize: BUFFER_BYTES,
  });
  await level.open();
  return level;
}

/** What `use` makes of the database, which is closed again when that fails. */
export async function orClose<T>(database: Database, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    await database.close();
    throw error;
  }
}
