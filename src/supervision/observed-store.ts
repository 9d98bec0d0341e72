import type { Store } from '../ports.ts';
import type { Beat } from '../scheduler/reconcile.ts';

interface ObservedStore extends Store {
  /** Durable steps under way, and how many have ended, well or not. */
  beat(): Beat;
}

/** The same store, telling `committed` after every durable step. */
export function observed(store: Store, committed: () => void): ObservedStore {
  let underWay = 0;
  let count = 0;
  const counted = async <T>(work: Promise<T>): Promise<T> => {
    underWay += 1;
    try {
      return await work;
    } finally {
      underWay -= 1;
      count += 1;
    }
  };
  return {
    ...store,
    async update(commit, writer) {
      const result = await counted(store.update(commit, writer));
      committed();
      return result;
    },
    beat: () => ({ busy: underWay > 0, count }),
  };
}
