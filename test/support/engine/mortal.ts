import type { Store } from '../../../src/ports.ts';

/** Thrown nowhere: a killed process simply never gets an answer from anything again. */
const never = new Promise<never>(() => {});

/** One life of a process: every port call goes through it and stops for ever once it has been killed. */
export interface Life {
  readonly alive: boolean;
  /** Resolves when the process was killed. */
  readonly killed: Promise<void>;
  /** A place where the process may die: counted, and fatal when its number is the chosen one. */
  crossing(): Promise<void>;
  /** The result of `work`, unless the process has died meanwhile. */
  living<T>(work: Promise<T>): Promise<T>;
}

/** `dieAt` counts crossings from 1; undefined: this life ends only with the schedule. */
export function createLife(dieAt: number | undefined): Life & { readonly crossings: number; kill(): void } {
  let alive = true;
  let crossings = 0;
  let die = (): void => {};
  const killed = new Promise<void>((resolve) => {
    die = resolve;
  });
  const kill = (): void => {
    alive = false;
    die();
  };
  return {
    get alive() {
      return alive;
    },
    get crossings() {
      return crossings;
    },
    killed,
    kill,
    async crossing() {
      crossings += 1;
      if (alive && crossings === dieAt) kill();
      if (!alive) return never;
    },
    async living(work) {
      const result = await work;
      return alive ? result : never;
    },
  };
}

/** The store of one life: a commit is a place to die before and after, and `afterCommit` looks at what it left. */
export function mortalStore(life: Life, store: Store, afterCommit: () => Promise<void>): Store {
  return {
    read: (reader) => life.living(store.read(reader)),
    async update(commit, writer) {
      await life.crossing();
      const result = await store.update(commit, writer);
      await afterCommit();
      await life.crossing();
      return result;
    },
    compactPrivateKeys: () => life.living(store.compactPrivateKeys()),
    close: () => store.close(),
  };
}
