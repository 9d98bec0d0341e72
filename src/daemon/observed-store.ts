import type { Store } from '../ports.ts';

/** The same store, telling `committed` after every durable step. */
export function observed(store: Store, committed: () => void): Store {
  return {
    ...store,
    async update(commit, writer) {
      const result = await store.update(commit, writer);
      committed();
      return result;
    },
  };
}
