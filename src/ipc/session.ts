/** What a method sees of the connection it was called on. */
import type { Access } from './protocol/method.ts';
import type { NotificationName, NotificationParams } from './protocol/notifications.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface Session {
  readonly access: Access;
  /** Aborted when the client has said its last, or is gone, or the server is closing. */
  readonly signal: AbortSignal;
  readonly subscriptions: Subscriptions;
  /** Takes a place for one call; the returned function gives it back. Errors: `busy`, `shutting_down`. */
  admit(): () => void;
  notify<N extends NotificationName>(name: N, params: NotificationParams<N>): void;
  /** False while the client has not read what was sent before. */
  keepsUp(): boolean;
  /** Resolves when the client has read everything sent so far, or is gone. */
  caughtUp(): Promise<void>;
  /** Ends the connection at once: what was promised on it cannot be kept. */
  hangUp(): void;
}

/** One line being answered. */
export interface Exchange {
  readonly session: Session;
  /** Run once the answer to the line has been sent, in order. */
  readonly afterAnswer: (() => void)[];
}
