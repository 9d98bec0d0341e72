import { milliseconds } from '../ids.ts';
import type { Clock, Supervisor } from '../ports.ts';

export interface Bounds {
  /** Nothing is told of work that takes less; then again each time this has passed. */
  readonly everyMs: number;
  /** What is asked for each time; longer than `everyMs`, so that the next asking comes in time. */
  readonly anotherMs: number;
  /** What takes longer than this is not waited for any more. */
  readonly atMostMs: number;
}

/** Asks the service manager for more time while `work` is under way. Settles as `work` does. */
export async function withPatience<T>(
  work: Promise<T>,
  { everyMs, anotherMs, atMostMs }: Bounds,
  { clock, supervisor }: { clock: Clock; supervisor: Pick<Supervisor, 'needsAnother'> },
): Promise<T> {
  let cancel = () => {};
  const askAfter = (passedMs: number): void => {
    if (passedMs > atMostMs) return;
    cancel = clock.after(milliseconds(everyMs), () => {
      supervisor.needsAnother(milliseconds(anotherMs));
      askAfter(passedMs + everyMs);
    });
  };
  askAfter(everyMs);
  try {
    return await work;
  } finally {
    cancel();
  }
}
