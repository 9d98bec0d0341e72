import type { RelayState } from '../ports.ts';
import type { RelayContext } from './context.ts';
import { createTimer, type Timer } from './timer.ts';

export interface RequestOptions<T> {
  /** At most this many at a time; one more is turned away. */
  readonly pending: number;
  /** From asking to the last moment for an answer. */
  readonly boundMs: number;
  send(frame: string): boolean;
  /** How a request without an answer ends: `written` when the relay may have got it. */
  unanswered(written: boolean, reason: string): T;
}

/** Questions to one relay that each get one answer: written when it is ready, bounded in number and time. */
export interface Requests<T> {
  /** Asks, or joins the same question if it is being asked already. */
  ask(key: string, frame: string): Promise<T>;
  /** The answer came. */
  settle(key: string, answer: T): void;
  /**
   * `auth-required:` came (NIP-42): the question is written once more after authentication, and `refusal` is
   * the answer if that cannot be or does not help.
   */
  refused(key: string, refusal: T, auth: RelayState['auth']): void;
  /** The relay may be written to from now on, until `hold` or `lost`. */
  release(): void;
  hold(): void;
  /** The connection ended, and with it every question. */
  lost(reason: string): void;
}

interface Pending<T> {
  readonly frame: string;
  readonly askers: ((answer: T) => void)[];
  readonly deadline: Timer;
  written: boolean;
  refusal?: T;
}

export function createRequests<T>(
  { clock }: Pick<RelayContext, 'clock'>,
  options: RequestOptions<T>,
): Requests<T> {
  const { boundMs, unanswered } = options;
  const pending = new Map<string, Pending<T>>();
  let released = false;

  const write = (request: Pending<T>) => {
    if (released && !request.written) request.written = options.send(request.frame);
  };
  const start = (key: string, frame: string, asker: (answer: T) => void) => {
    const request = { frame, askers: [asker], deadline: createTimer(clock), written: false };
    pending.set(key, request);
    request.deadline.set(boundMs, () => {
      const failing = request.written ? 'no answer' : 'not ready to be written to';
      giveUp(key, `${failing} within ${boundMs / 1000} s`);
    });
    write(request);
  };
  const settle = (key: string, answer: T) => {
    const request = pending.get(key);
    if (request === undefined) return;
    pending.delete(key);
    request.deadline.clear();
    for (const asker of request.askers) asker(answer);
  };
  const giveUp = (key: string, reason: string) => {
    const request = pending.get(key);
    if (request === undefined) return;
    const refusal = request.written ? undefined : request.refusal;
    settle(key, refusal ?? unanswered(request.written, reason));
  };

  return {
    ask: (key, frame) =>
      new Promise((resolve) => {
        const same = pending.get(key);
        if (same !== undefined) same.askers.push(resolve);
        else if (pending.size < options.pending) start(key, frame, resolve);
        else resolve(unanswered(false, 'too much is waiting for this relay already'));
      }),
    settle,
    refused(key, refusal, auth) {
      const request = pending.get(key);
      if (request === undefined || !request.written) return;
      if (auth === 'failed' || request.refusal !== undefined) {
        settle(key, refusal);
      } else {
        request.refusal = refusal;
        request.written = false;
        if (auth === 'authenticated') write(request);
      }
    },
    release() {
      released = true;
      for (const request of pending.values()) write(request);
    },
    hold() {
      released = false;
    },
    lost(reason) {
      released = false;
      for (const key of [...pending.keys()]) giveUp(key, reason);
    },
  };
}
