import { setTimeout as delay } from 'node:timers/promises';

export interface Bell {
  ring(): void;
  /** Ends when the bell was rung since the last wait, or after the longest time; never before the shortest. */
  wait(): Promise<void>;
}

/** Lets a loop run now and then, and sooner when something happens, but not hot when much does. */
export function createBell(shortestMs: number, longestMs: number): Bell {
  let rung = false;
  let wake = (): void => {};
  return {
    ring() {
      rung = true;
      wake();
    },
    async wait() {
      await delay(shortestMs);
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, longestMs - shortestMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
    },
  };
}
