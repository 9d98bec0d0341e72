/** What the daemon gives the socket: one function per method, and the notice log. */
import type { Notice } from '../records.ts';
import type { Access } from './protocol/method.ts';
import type { MethodName, Params, Result } from './protocol/methods.ts';
import type { NotificationParams } from './protocol/notifications.ts';

export interface CallContext {
  readonly access: Access;
  /** Aborted when the client is gone, or when a shutdown can wait no longer. */
  readonly signal: AbortSignal;
  /** Tells the client how far the call is; does nothing when the client did not ask. */
  progress(update: Omit<NotificationParams<'progress'>, 'token'>): void;
}

/** Methods the socket room answers by itself. */
export type OwnMethodName = 'daemon.hello' | 'notices.subscribe' | 'notices.unsubscribe' | 'rpc.discover';

/** Parameters arrive parsed. Expected failures are thrown as DaemonError; anything else is logged as a bug. */
export type Handlers = {
  readonly [M in Exclude<MethodName, OwnMethodName>]: (
    params: Params<M>,
    context: CallContext,
  ) => Promise<Result<M>>;
};

/** The durable notice log, which subscriptions pull from. */
export interface NoticeSource {
  /** Numbers of the first and last notice kept; both 0 when there is none. */
  range(): Promise<{ readonly oldest: number; readonly newest: number }>;
  /** Notices with a number greater than `since`, in order, at most `limit`. */
  read(since: number, limit: number): Promise<readonly Notice[]>;
  /** Calls `listener` after a notice became durable; the returned function ends that. */
  onNotice(listener: () => void): () => void;
}
