import type { EventId } from '../ids.ts';
import type { FetchOutcome, Filter, RelayState } from '../ports.ts';
import type { NostrEvent } from '../records.ts';
import type { RelayContext } from './context.ts';
import type { Reader } from './intake.ts';
import { closeFrame, prefixOf, reqFrame } from './messages.ts';
import { createRequests, type Requests } from './requests.ts';

/** One-shot questions to one relay: everything stored that matches, read to its end. */
export interface Queries extends Pick<Requests<FetchOutcome>, 'release' | 'hold' | 'lost'> {
  fetch(filters: readonly Filter[]): Promise<FetchOutcome>;
  reader(id: string): Reader | undefined;
  onEndOfStored(id: string): void;
  onClosed(id: string, words: string, auth: RelayState['auth']): void;
}

interface Query extends Reader {
  readonly events: Map<EventId, NostrEvent>;
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

  const createQuery = (id: string, filters: readonly Filter[]): Query => {
    const events = new Map<EventId, NostrEvent>();
    let bytes = 0;
    return {
      filters,
      events,
      onEvent(event, size) {
        events.set(event.id, event);
        bytes += size;
        if (events.size <= limits.fetchedEvents && bytes <= limits.fetchedBytes) return;
        requests.settle(id, { kind: 'failed', reason: 'the relay sent more than fits one query' });
      },
    };
  };

  return {
    async fetch(filters) {
      const id = nextId();
      open.set(id, createQuery(id, filters));
      const outcome = await requests.ask(id, reqFrame(id, filters));
      open.delete(id);
      send(closeFrame(id));
      return outcome;
    },
    reader: (id) => open.get(id),
    onEndOfStored(id) {
      const query = open.get(id);
      if (query !== undefined) requests.settle(id, { kind: 'complete', events: [...query.events.values()] });
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
