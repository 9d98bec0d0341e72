import type { EventId } from '../ids.ts';
import type { FetchBounds, Fetched, FetchOutcome, Filter, RelayState, SkippedEvent } from '../ports.ts';
import type { NostrEvent } from '../records.ts';
import type { RelayContext } from './context.ts';
import type { Reader } from './intake.ts';
import { closeFrame, prefixOf, reqFrame } from './messages.ts';
import { createRequests, type Requests } from './requests.ts';

/** One-shot questions to one relay: everything stored that matches, read to its end. */
export interface Queries extends Pick<Requests<FetchOutcome>, 'release' | 'hold' | 'lost'> {
  fetch(filter: Filter, bounds?: FetchBounds): Promise<FetchOutcome>;
  reader(id: string): Reader | undefined;
  onEndOfStored(id: string): void;
  onClosed(id: string, words: string, auth: RelayState['auth']): void;
}

interface Query extends Reader {
  fetched(): Fetched;
}

export function createQueries(
  context: RelayContext,
  send: (frame: string) => boolean,
  nextId: () => string,
): Queries {
  const { limits } = context;
  const open = new Map<string, Query>();
  const requests = createRequests<FetchOutcome>(context, {
    pending: limits.pendingFetches,
    boundMs: limits.fetchMs,
    send,
    unanswered: (_written, reason) => ({ kind: 'failed', reason }),
  });

  const createQuery = (id: string, filter: Filter, bounds: FetchBounds): Query => {
    const { events: mostEvents = limits.fetchedEvents, bytes: mostBytes = limits.fetchedBytes } = bounds;
    const events = new Map<EventId, NostrEvent>();
    const sizes = new Map<EventId, number>();
    const skipped: SkippedEvent[] = [];
    let bytes = 0;
    /** False: no more fits, and the query is over. */
    const fits = (size: number): boolean => {
      bytes += size;
      const full = bytes > mostBytes || events.size + skipped.length >= mostEvents;
      if (full) requests.settle(id, { kind: 'overflow', ...fetched() });
      return !full;
    };
    const fetched = (): Fetched => ({ events: [...events.values()], sizes, skipped });
    return {
      filter,
      eventBytes: bounds.eventBytes ?? limits.eventBytes,
      fetched,
      onEvent(event, size) {
        if (events.has(event.id) || !fits(size)) return;
        events.set(event.id, event);
        sizes.set(event.id, size);
      },
      onSkipped(what, size) {
        if (fits(size)) skipped.push(what);
      },
    };
  };

  return {
    async fetch(filter, bounds = {}) {
      const id = nextId();
      const query = createQuery(id, filter, bounds);
      open.set(id, query);
      const outcome = await requests.ask(id, reqFrame(id, filter));
      open.delete(id);
      send(closeFrame(id));
      if (outcome.kind !== 'failed') return outcome;
      const partial = query.fetched();
      return partial.events.length > 0 ? { ...outcome, partial } : outcome;
    },
    reader: (id) => open.get(id),
    onEndOfStored(id) {
      const query = open.get(id);
      if (query !== undefined) requests.settle(id, { kind: 'complete', ...query.fetched() });
    },
    onClosed(id, words, auth) {
      const refusal: FetchOutcome = { kind: 'failed', reason: words || 'closed by the relay' };
      if (prefixOf(words) === 'auth-required') requests.refused(id, refusal, auth);
      else requests.settle(id, refusal);
    },
    release: requests.release,
    hold: requests.hold,
    lost: requests.lost,
  };
}
