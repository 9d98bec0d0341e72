import { DaemonError } from '../errors.ts';
import { RETRY_AFTER_SEC } from './limits.ts';

/** The running subscriptions of one connection, by number. */
export class Subscriptions {
  readonly #limit: number;
  readonly #running = new Map<number, AbortController>();
  #last = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A new one; `signal` tells when it is over. Error: `busy`. */
  add(): { readonly subscription: number; readonly signal: AbortSignal } {
    if (this.#running.size >= this.#limit) {
      throw new DaemonError('busy', `a connection has at most ${this.#limit} subscriptions`, {
        repair: 'end one with notices.unsubscribe first',
        retryAfterSec: RETRY_AFTER_SEC,
      });
    }
    const controller = new AbortController();
    this.#last += 1;
    this.#running.set(this.#last, controller);
    return { subscription: this.#last, signal: controller.signal };
  }

  /** False when none has that number. */
  remove(subscription: number): boolean {
    this.#running.get(subscription)?.abort();
    return this.#running.delete(subscription);
  }

  close(): void {
    for (const subscription of [...this.#running.keys()]) this.remove(subscription);
  }
}
