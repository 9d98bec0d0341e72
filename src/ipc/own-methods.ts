/** The methods the socket room answers by itself: versions, the protocol document, subscriptions. */
import { DaemonError } from '../errors.ts';
import type { Log } from '../ports.ts';
import type { NoticeSource, OwnMethodName } from './handlers.ts';
import { pumpNotices } from './notice-pump.ts';
import type { Params, Result } from './protocol/methods.ts';
import { openRpcDocument } from './protocol/openrpc.ts';
import { agreeOnVersion, features } from './protocol/versions.ts';
import type { Exchange, Session } from './session.ts';

export interface OwnMethodsOptions {
  /** Version of the daemon. */
  readonly version: string;
  readonly notices: NoticeSource;
  readonly log: Log;
}

export type OwnMethods = {
  readonly [M in OwnMethodName]: (params: Params<M>, exchange: Exchange) => Promise<Result<M>>;
};

export function ownMethods({ version, notices, log }: OwnMethodsOptions): OwnMethods {
  const follow = (session: Session, subscription: number, since: number, signal: AbortSignal): void => {
    pumpNotices(notices, since, signal, async (notice) => {
      session.notify('notice', { subscription, notice });
      await session.caughtUp();
    }).catch((error: unknown) => {
      log.error('notices_unreadable', { error });
      session.hangUp();
    });
  };
  /** Made when first asked for: 30 ms, which a batch of such calls would take 32 times. */
  let document: Result<'rpc.discover'> | undefined;

  return {
    'daemon.hello': async ({ versions, client }) => {
      log.debug('client_hello', { client });
      return { version: agreeOnVersion(versions), daemon: version, features: [...features] };
    },
    'rpc.discover': async () => {
      document ??= openRpcDocument(version);
      return document;
    },
    'notices.subscribe': async ({ since }, { session, afterAnswer }) => {
      const { oldest, newest } = await notices.range();
      const { subscription, signal } = session.subscriptions.add();
      // A client that is ahead of the log (a restored store) hears what comes now, not what comes much later.
      const from = Math.min(since ?? newest, newest);
      afterAnswer.push(() => follow(session, subscription, from, signal));
      return { subscription, oldest, newest };
    },
    'notices.unsubscribe': async ({ subscription }, { session }) => {
      if (session.subscriptions.remove(subscription)) return {};
      throw new DaemonError('not_found', `this connection has no subscription ${subscription}`);
    },
  };
}
