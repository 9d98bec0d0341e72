import type { EventId } from '../ids.ts';
import type { Store, Tables } from '../ports.ts';

/** The tables whose records are keyed by the id of a gift wrap. */
type WrapTable = 'wraps' | 'seen' | 'invitations';
type RecordOf<T extends WrapTable> = Tables[T][1];

/** All records of a table, `size` at a time, each page as the store is then. */
export async function* pagesOf<T extends WrapTable>(
  store: Pick<Store, 'read'>,
  table: T,
  size: number,
): AsyncIterable<readonly RecordOf<T>[]> {
  let from: EventId | undefined;
  do {
    const start = from === undefined ? {} : { from };
    const page = (await store.read((view) =>
      view[table].list({ ...start, limit: size + 1 }),
    )) as RecordOf<T>[];
    yield page.slice(0, size);
    from = page[size]?.id;
  } while (from !== undefined);
}
