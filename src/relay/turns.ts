/** A share of the event loop: whoever has frames to work off takes turns with the others. */
export interface Turns {
  /** `step` works off one frame and says whether there are more; it is called until there are none. */
  take(step: () => boolean): void;
}

/** Milliseconds of work before timers, sockets and everybody else get theirs. */
const TURN_MS = 8;

/**
 * One frame of each in turn, for a few milliseconds at a time: checking signatures costs half a millisecond each, and a
 * relay can send two thousand in a packet's time.
 */
export function createTurns(): Turns {
  const waiting: (() => boolean)[] = [];
  let scheduled = false;

  const run = (): void => {
    scheduled = false;
    const began = performance.now();
    while (waiting.length > 0 && performance.now() - began < TURN_MS) {
      const step = waiting.shift()!;
      if (step()) waiting.push(step);
    }
    schedule();
  };
  const schedule = (): void => {
    if (scheduled || waiting.length === 0) return;
    scheduled = true;
    setImmediate(run);
  };

  return {
    take(step) {
      waiting.push(step);
      schedule();
    },
  };
}
