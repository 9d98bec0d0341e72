/** Runs work one after another, in the order it came; what fails does not hold up the next. */
export interface Lane {
  /**
   * A step that may share a commit with others: resolves with what it answers, once that is durable. A step that throws
   * is left out.
   */
  share<T>(step: () => Promise<T>): Promise<T>;
  /** Done by itself, between commits. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** A step that was run and waits for the commit it is part of. */
interface Shared {
  durable(): void;
  failed(error: unknown): void;
}

type Item =
  | { readonly kind: 'shared'; run(): Promise<Shared | undefined> }
  | { readonly kind: 'alone'; run(): Promise<void> };

/** Steps of one commit at the most. */
const MAX_STEPS = 256;

/**
 * Steps that wait together are committed together, so that a burst costs one sync; those of a commit are always the next
 * that wait. `isFull` ends a commit early.
 */
export function createLane(commit: () => Promise<void>, isFull: () => boolean): Lane {
  const waiting: Item[] = [];
  let working = false;

  async function work(): Promise<void> {
    for (let item = waiting[0]; item !== undefined; item = waiting[0]) {
      if (item.kind === 'shared') {
        await workShared();
      } else {
        waiting.shift();
        await item.run();
      }
    }
    working = false;
  }

  async function workShared(): Promise<void> {
    const batch: Shared[] = [];
    for (let steps = 0; steps < MAX_STEPS && waiting[0]?.kind === 'shared' && !isFull(); steps++) {
      const item = waiting.shift() as Extract<Item, { kind: 'shared' }>;
      const shared = await item.run();
      if (shared !== undefined) batch.push(shared);
    }
    try {
      await commit();
      for (const each of batch) each.durable();
    } catch (error) {
      for (const each of batch) each.failed(error);
    }
  }

  const add = (item: Item): void => {
    waiting.push(item);
    if (working) return;
    working = true;
    void work();
  };

  return {
    share: (step) =>
      new Promise((resolve, reject) => {
        const run = (): Promise<Shared | undefined> =>
          step().then(
            (result) => ({ durable: () => resolve(result), failed: reject }),
            (error: unknown) => void reject(error),
          );
        add({ kind: 'shared', run });
      }),
    alone: (work) =>
      new Promise((resolve, reject) => {
        add({ kind: 'alone', run: () => work().then(resolve, reject) });
      }),
  };
}
