import type { RelayUrl, UnixSeconds } from '../../../src/ids.ts';
import type { Clock, Filter, Random, RelayState, Relays, SendOutcome } from '../../../src/ports.ts';
import type { NostrEvent } from '../../../src/records.ts';
import { drawBelow } from '../random.ts';
import type { Life } from './mortal.ts';

/** What the fault proxy can do to one EVENT, without the sockets. */
export type Fault = 'none' | 'reject' | 'drop' | 'lose_answer' | 'not_sent';

/** The relays of a schedule: they outlive every process and know everything that ever reached them. */
export interface RelayWorld {
  readonly urls: readonly RelayUrl[];
  /** Every event that reached a relay, with repeats, in order. */
  readonly received: readonly { relay: RelayUrl; event: NostrEvent }[];
  /** What a stranger would be served by this relay now. */
  served(relay: RelayUrl): readonly NostrEvent[];
  isUp(relay: RelayUrl): boolean;
  setUp(relay: RelayUrl, up: boolean): void;
  /** Chooses the outcome of each send; undefined: nothing goes wrong. */
  setFaults(draw: (() => Fault) | undefined): void;
  seed(event: NostrEvent): void;
  /** The Relays port of one process. `beforeSend` is told what is about to leave. */
  portFor(
    life: Life,
    clock: Clock,
    beforeSend: (relay: RelayUrl, event: NostrEvent) => Promise<void>,
  ): Relays;
}

export function createRelayWorld(urls: readonly RelayUrl[]): RelayWorld {
  const held = new Map(urls.map((url) => [url, new Map<string, NostrEvent>()]));
  const up = new Map(urls.map((url) => [url, true]));
  const since = new Map<RelayUrl, UnixSeconds>();
  const received: { relay: RelayUrl; event: NostrEvent }[] = [];
  let draw: (() => Fault) | undefined;
  let connection = 1;

  const store = (relay: RelayUrl, event: NostrEvent): void => {
    const events = held.get(relay)!;
    const address = `${event.kind}:${event.tags.find(([name]) => name === 'd')?.[1] ?? ''}`;
    const known = events.get(address);
    const newer =
      known === undefined ||
      event.created_at > known.created_at ||
      (event.created_at === known.created_at && event.id < known.id);
    if (newer) events.set(address, event);
  };

  function send(relay: RelayUrl, event: NostrEvent): SendOutcome {
    const fault = up.get(relay) ? (draw?.() ?? 'none') : 'not_sent';
    if (fault === 'not_sent') return { kind: 'not_sent', reason: 'not connected' };
    if (fault === 'drop') return { kind: 'unknown', reason: 'no answer' };
    if (fault === 'reject') return { kind: 'rejected', prefix: 'rate-limited', message: 'slow down' };
    received.push({ relay, event });
    store(relay, event);
    return fault === 'lose_answer'
      ? { kind: 'unknown', reason: 'no answer' }
      : { kind: 'accepted', duplicate: false };
  }

  return {
    urls,
    received,
    served: (relay) => [...held.get(relay)!.values()],
    isUp: (relay) => up.get(relay) === true,
    setUp(relay, isUp) {
      up.set(relay, isUp);
      since.set(relay, ++connection as UnixSeconds);
    },
    setFaults(next) {
      draw = next;
    },
    seed(event) {
      for (const url of urls) store(url, event);
    },
    portFor(life, clock, beforeSend) {
      const born = (++connection + 1_000_000) as UnixSeconds;
      return {
        use() {},
        subscribe: () => () => {},
        reopen() {},
        reconnect() {},
        async publish(relay, event) {
          await beforeSend(relay, event);
          await life.crossing();
          const outcome = send(relay, event);
          await life.crossing();
          return outcome;
        },
        async fetch(relay, filter) {
          await life.crossing();
          if (!up.get(relay)) return { kind: 'failed', reason: 'not connected' };
          return { kind: 'complete', events: matching(relay, filter), sizes: new Map(), skipped: [] };
        },
        states: () => urls.map((url) => stateOf(url, up.get(url)!, since.get(url) ?? born, clock)),
        onChange: () => () => {},
        async close() {},
      };
    },
  };

  function matching(relay: RelayUrl, filter: Filter): NostrEvent[] {
    return [...held.get(relay)!.values()].filter((event) => filter.kinds?.includes(event.kind) ?? true);
  }
}

function stateOf(url: RelayUrl, isUp: boolean, connectedAt: UnixSeconds, clock: Clock): RelayState {
  return {
    url,
    phase: isUp ? 'connected' : 'backing_off',
    auth: 'not_asked',
    connectedAt: isUp ? connectedAt : undefined,
    answering: isUp,
    retryAt: isUp ? undefined : clock.now(),
    failures: 0,
    lastError: undefined,
    clockOffsetSec: undefined,
    invalidEvents: 0,
    subscriptions: new Map(),
    caughtUp: true,
  };
}

/** Draws faults in fixed proportions: half of the sends go well. */
export function faultsFrom(random: Random): () => Fault {
  const mix: readonly Fault[] = [
    'none',
    'none',
    'none',
    'none',
    'reject',
    'drop',
    'lose_answer',
    'lose_answer',
  ];
  return () => mix[drawBelow(random, mix.length)]!;
}
