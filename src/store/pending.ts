import type { Entry, Range } from './database.ts';
import type { Source } from './source.ts';
import { type Change, emptyTally, retally } from './tally.ts';

/** What one transaction has written so far, on top of what was there before. */
export interface Pending {
  readonly source: Source;
  put(key: string, value: Uint8Array): void;
  delete(key: string): void;
  /** What was written, the last of each key; nothing more can be then. */
  written(): ReadonlyMap<string, Uint8Array | undefined>;
  /** The same with what was there before: what to commit. */
  end(): Promise<Change[]>;
}

export function createPending(base: Source): Pending {
  const writes = new Map<string, Uint8Array | undefined>();
  let ended = false;

  const write = (key: string, value: Uint8Array | undefined): void => {
    if (ended) throw new TypeError('this transaction has ended: was something in it not awaited?');
    writes.set(key, value);
  };
  const changes = async (): Promise<Change[]> => {
    const keys = [...writes.keys()];
    const before = await base.getMany(keys);
    return keys.map((key, i) => ({ key, before: before[i], after: writes.get(key) })).filter(changesAnything);
  };
  return {
    put: write,
    delete: (key) => write(key, undefined),
    written: () => {
      ended = true;
      return writes;
    },
    end: () => {
      ended = true;
      return changes();
    },
    source: {
      getMany: async (keys) => {
        const before = await base.getMany(keys);
        return keys.map((key, i) => (writes.has(key) ? writes.get(key) : before[i]));
      },
      range: async (range) => {
        const own = [...writes].filter(([key]) => isWithin(key, range));
        // Each write hides at most one of the entries below it.
        const limit = range.limit === undefined ? {} : { limit: range.limit + own.length };
        return overlay(await base.range({ ...range, ...limit }), own, range);
      },
      counts: async () => {
        const counts = await base.counts();
        return retally({ ...emptyTally, counts }, await changes()).counts;
      },
    },
  };
}

const changesAnything = ({ before, after }: Change): boolean => before !== undefined || after !== undefined;

const isWithin = (key: string, { gte, lt, lte }: Range): boolean =>
  (gte === undefined || key >= gte) && (lt === undefined || key < lt) && (lte === undefined || key <= lte);

function overlay(
  below: readonly Entry[],
  own: readonly (readonly [string, Uint8Array | undefined])[],
  { reverse = false, limit }: Range,
): Entry[] {
  const entries = new Map(below);
  for (const [key, value] of own) {
    if (value === undefined) entries.delete(key);
    else entries.set(key, value);
  }
  const direction = reverse ? -1 : 1;
  return [...entries].sort(([a], [b]) => (a < b ? -direction : direction)).slice(0, limit);
}
