import { isUtf8 } from 'node:buffer';
import { assertNever } from '../errors.ts';
import { type RelayUrl, short } from '../ids.ts';
import type {
  FetchBounds,
  FetchOutcome,
  Filter,
  RelayState,
  SendOutcome,
  SkippedEvent,
  Subscription,
} from '../ports.ts';
import type { NostrEvent } from '../records.ts';
import { createAuth } from './auth.ts';
import { createConnection } from './connection.ts';
import type { RelayContext } from './context.ts';
import { type Reader, skippedUnread, wasAskedFor } from './intake.ts';
import { glance, parseRelayMessage, type RelayMessage } from './messages.ts';
import { createPublications } from './publications.ts';
import { createQueries } from './queries.ts';
import { createStanding } from './standing.ts';
import { createTimer } from './timer.ts';

/** A question that costs a relay next to nothing: no event has this id. */
const ANYBODY_THERE: Filter = { ids: ['0'.repeat(64)], limit: 1 };

/** One relay: a connection that comes back, and on it subscriptions, queries and publications. */
export interface Relay {
  open(): void;
  state(): RelayState;
  subscribe(subscription: Subscription): void;
  unsubscribe(name: string): void;
  reopen(name: string): void;
  publish(event: NostrEvent): Promise<SendOutcome>;
  fetch(filter: Filter, bounds?: FetchBounds): Promise<FetchOutcome>;
  reconnect(): void;
  close(): Promise<void>;
}

export function createRelay(context: RelayContext, url: RelayUrl, onChange: () => void): Relay {
  const { clock, crypto, log, limits } = context;
  const settling = createTimer(clock);
  let answering = false;
  let invalidEvents = 0;
  let ids = 0;

  const send = (frame: string): boolean => connection.send(frame);
  const nextId = () => String(++ids);
  const publications = createPublications(context, send);
  const queries = createQueries(context, send, nextId);
  const standing = createStanding(context, { relay: url, send, nextId, onChange });
  const auth = createAuth(context, url, {
    send,
    onChallenge: hold,
    onSettled(authenticated) {
      // What was read as a stranger may be less than what is there for us: read again.
      if (authenticated) standing.closeAll();
      release();
    },
  });
  const connection = createConnection(context, url, {
    onOpen() {
      auth.opened();
      settling.set(auth.patienceMs(), release);
    },
    onFrame,
    // Not a WebSocket ping: the server in front of a relay answers those, also when nothing works behind it.
    onSilence: () => void queries.fetch(ANYBODY_THERE),
    onDown(reason) {
      answering = false;
      settling.clear();
      auth.down();
      standing.lost();
      publications.lost(reason);
      queries.lost(reason);
    },
    onChange,
  });

  /** The relay knows who we are, or does not care: subscriptions first, then what waits. */
  function release(): void {
    settling.clear();
    standing.openAll();
    queries.release();
    publications.release();
    onChange();
  }
  function hold(): void {
    settling.clear();
    standing.closeAll();
    queries.hold();
    publications.hold();
    onChange();
  }
  /** What a relay sends is bounded before it is parsed: in size, in depth, and in being text at all. */
  function onFrame(frame: Buffer): void {
    const start = glance(frame);
    const reader = start?.type === 'EVENT' ? readerOf(start.subject) : undefined;
    const most = start?.type === 'EVENT' ? (reader?.eventBytes ?? 0) : limits.wordsBytes;
    const reason = frame.length > most ? 'too_large' : isUtf8(frame) ? undefined : 'not_utf8';
    const message = reason === undefined ? parseRelayMessage(frame.toString()) : undefined;
    if (message !== undefined) {
      onMessage(message, frame.length);
      return;
    }
    log.debug('relay_message_ignored', { relay: url, length: frame.length });
    reader?.onSkipped(skippedUnread(frame, reason ?? 'malformed'), frame.length);
  }
  const readerOf = (subscription: string): Reader | undefined =>
    standing.reader(subscription) ?? queries.reader(subscription);
  /** Only what answers us shows that the relay works: it says AUTH and NOTICE by itself. */
  function answered(): void {
    if (answering) return;
    answering = true;
    onChange();
  }
  function onMessage(message: RelayMessage, size: number): void {
    if (message.type !== 'AUTH' && message.type !== 'NOTICE') answered();
    switch (message.type) {
      case 'EVENT':
        onEvent(message.subscription, message.event, size);
        break;
      case 'EOSE':
        standing.onEndOfStored(message.subscription);
        queries.onEndOfStored(message.subscription);
        break;
      case 'CLOSED':
        standing.onClosed(message.subscription, message.words);
        queries.onClosed(message.subscription, message.words, auth.state());
        break;
      case 'OK':
        if (auth.onOk(message.eventId, message.accepted, message.words)) break;
        publications.onOk(message.eventId, message.accepted, message.words, auth.state());
        break;
      case 'AUTH':
        auth.onChallenge(message.challenge);
        break;
      case 'NOTICE':
        log.debug('relay_notice', { relay: url, words: message.words });
        break;
      default:
        assertNever(message);
    }
  }
  /** Nothing about an event is kept before it is verified, so that no forgery can stand in its way. */
  function onEvent(subscription: string, event: NostrEvent, size: number): void {
    const reader = readerOf(subscription);
    if (reader === undefined) return;
    const skip = (reason: SkippedEvent['reason']): void =>
      reader.onSkipped({ reason, id: event.id, createdAt: event.created_at }, size);
    if (!wasAskedFor(event, reader.filter)) {
      skip('not_asked');
    } else if (crypto.verifyEvent(event)) {
      reader.onEvent(event, size);
    } else {
      invalidEvents += 1;
      log.debug('relay_event_invalid', { relay: url, eventId: short(event.id) });
      skip('invalid');
    }
  }
  /** Why nothing can be sent now; undefined when it can. */
  function absence(): string | undefined {
    const { phase, lastError } = connection.facts();
    if (phase === 'connected') return undefined;
    return lastError === undefined ? 'not connected yet' : `not connected: ${lastError}`;
  }

  return {
    open: connection.open,
    state() {
      const subscriptions = standing.progress();
      const progress = [...subscriptions.values()];
      return {
        url,
        ...connection.facts(),
        auth: auth.state(),
        answering,
        invalidEvents,
        subscriptions,
        caughtUp: progress.includes('caught_up') && !progress.includes('reading'),
      };
    },
    subscribe: standing.add,
    unsubscribe: standing.remove,
    reopen: standing.reopen,
    async publish(event) {
      const reason = absence();
      return reason === undefined ? publications.publish(event) : { kind: 'not_sent', reason };
    },
    async fetch(filter, bounds) {
      const reason = absence();
      return reason === undefined ? queries.fetch(filter, bounds) : { kind: 'failed', reason };
    },
    reconnect() {
      hold();
      connection.reconnect();
    },
    close() {
      hold();
      return connection.close();
    },
  };
}
