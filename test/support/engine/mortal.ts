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
