/**
 * A relay on loopback that misbehaves as it is told, over a real WebSocket. To try a report of a misbehaving relay:
 *
 *     const relay = await startScriptedRelay({ cap: 20, deaf: true });   // how it behaves; all may change while it runs
 *     relay.hold(wrap);                                                  // what it has, and tells nobody
 *     relay.push(wrap);                                                  // the same, told to those who listen
 *     relay.habits.deaf = false;
 *     relay.queries                                                      // every REQ it got
 *
 * A habit that is missing is that of a good relay: everything asked for, newest first, EOSE, then what is new.
 */
import { matchFilter, type Filter as NostrFilter } from 'nostr-tools/filter';
import type { WebSocket } from 'ws';
import type { Filter } from '../../src/ports.ts';
import type { NostrEvent } from '../../src/records.ts';
import { addressOf } from './relay-repository.ts';
import { type LoopbackServer, listenOnLoopback } from './relay-server.ts';

export interface Habits {
  /** Hands out at most so many events for a query. */
  cap?: number;
  order?: 'newest' | 'oldest' | 'scattered';
  /** Sends the first events of every answer twice. */
  repeats?: boolean;
  /** Of the filters of a REQ it keeps only that one. */
  honours?: 'first' | 'last';
  ignores?: readonly ('limit' | 'until' | 'since' | 'kinds')[];
  /** Nothing is pushed after end-of-stored-events. */
  deaf?: boolean;
  /** Where EOSE comes: before the events (a lie), or not at all. */
  end?: 'before' | 'never';
  /** Frames sent within every answer, before its EOSE; `$ID` in text becomes the subscription's id. */
  extra?: readonly (string | Buffer)[];
  /** Breaks the connection after so many frames of an answer. */
  dropsAfter?: number;
  /** What becomes of an EVENT of these kinds: refused with words, taken and not kept, kept without a word. */
  events?: Readonly<Record<number, { refuse: string } | 'swallow' | 'silent'>>;
}

export interface ScriptedRelay extends LoopbackServer {
  habits: Habits;
  hold(...events: readonly NostrEvent[]): void;
  push(event: NostrEvent): void;
  forget(matches: (event: NostrEvent) => boolean): void;
  events(): readonly NostrEvent[];
  /** Every REQ, oldest first. */
  readonly queries: readonly { readonly filters: readonly Filter[]; readonly sent: number }[];
}

type Send = (frame: readonly unknown[] | string | Buffer) => boolean;

export async function startScriptedRelay(habits: Habits = {}): Promise<ScriptedRelay> {
  /** By address, or by id where an event stands alone. */
  const held = new Map<string, NostrEvent>();
  /** Newest first; made anew when something came. */
  let sorted: readonly NostrEvent[] | undefined;
  const queries: { filters: readonly Filter[]; sent: number }[] = [];
  const listeners = new Set<(event: NostrEvent) => void>();

  const keep = (event: NostrEvent): void => {
    const address = addressOf(event) ?? event.id;
    const known = held.get(address);
    if (known === undefined || known.created_at <= event.created_at) held.set(address, event);
    sorted = undefined;
  };
  const events = (): readonly NostrEvent[] => {
    sorted ??= [...held.values()].sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? -1 : 1));
    return sorted;
  };

  function answer(send: Send, id: string, filters: readonly Filter[]): void {
    const { cap = Number.POSITIVE_INFINITY, order, repeats, end, extra = [], dropsAfter } = relay.habits;
    const found = filters.flatMap((filter) =>
      firstMatching(events(), effective(filter, relay.habits), Math.min(cap, limitOf(filter, relay.habits))),
    );
    const inOrder = arranged(found, order);
    const frames = repeats ? [...inOrder, ...inOrder.slice(0, 3)] : inOrder;
    const query = { filters, sent: frames.length };
    queries.push(query);
    if (end === 'before') send(['EOSE', id]);
    let sent = 0;
    for (const event of frames) {
      if (!send(['EVENT', id, event]) || ++sent === dropsAfter) return;
    }
    for (const frame of extra) send(typeof frame === 'string' ? frame.replaceAll('$ID', id) : frame);
    if (end === undefined) send(['EOSE', id]);
  }

  function take(send: Send, event: NostrEvent): void {
    const fate = relay.habits.events?.[event.kind];
    if (typeof fate === 'object') {
      send(['OK', event.id, false, fate.refuse]);
      return;
    }
    if (fate !== 'swallow') publish(event);
    if (fate !== 'silent') send(['OK', event.id, true, '']);
  }
  function publish(event: NostrEvent): void {
    keep(event);
    if (relay.habits.deaf) return;
    for (const tell of listeners) tell(event);
  }

  function serve(socket: WebSocket): void {
    const open = new Map<string, readonly Filter[]>();
    const send: Send = (frame) => {
      if (socket.readyState !== socket.OPEN) return false;
      const binary = false;
      socket.send(Array.isArray(frame) ? JSON.stringify(frame) : (frame as string | Buffer), { binary });
      return true;
    };
    const tell = (event: NostrEvent): void => {
      for (const [id, filters] of open) {
        if (filters.some((filter) => matches(event, filter))) send(['EVENT', id, event]);
      }
    };
    listeners.add(tell);
    socket.on('close', () => listeners.delete(tell));
    socket.on('message', (data) => {
      const [type, first, ...rest] = JSON.parse(String(data));
      if (type === 'EVENT') take(send, first);
      if (type === 'CLOSE') open.delete(first);
      if (type !== 'REQ') return;
      const filters = honoured(rest, relay.habits.honours);
      open.set(first, filters);
      answer(send, first, filters);
      const { dropsAfter } = relay.habits;
      if (dropsAfter !== undefined && queries.at(-1)!.sent >= dropsAfter)
        setImmediate(() => socket.terminate());
    });
  }

  const server = await listenOnLoopback({ onConnection: serve });
  const relay: ScriptedRelay = {
    ...server,
    habits,
    hold(...more) {
      for (const event of more) keep(event);
    },
    push: publish,
    forget(gone) {
      for (const [address, event] of held) if (gone(event)) held.delete(address);
      sorted = undefined;
    },
    events,
    queries,
  };
  return relay;
}

const matches = (event: NostrEvent, filter: Filter): boolean =>
  matchFilter(filter as NostrFilter, event as NostrEvent & { tags: string[][] });

const honoured = (filters: readonly Filter[], which: Habits['honours']): readonly Filter[] =>
  which === undefined ? filters : [filters.at(which === 'first' ? 0 : -1)!];

/** The question as this relay understands it. */
function effective(filter: Filter, { ignores = [] }: Habits): Filter {
  return Object.fromEntries(Object.entries(filter).filter(([name]) => !ignores.includes(name as never)));
}

const limitOf = ({ limit = Number.POSITIVE_INFINITY }: Filter, { ignores = [] }: Habits): number =>
  ignores.includes('limit') ? Number.POSITIVE_INFINITY : limit;

function firstMatching(events: readonly NostrEvent[], filter: Filter, most: number): NostrEvent[] {
  const found: NostrEvent[] = [];
  for (const event of events) {
    if (found.length >= most) break;
    if (matches(event, filter)) found.push(event);
  }
  return found;
}

function arranged(events: readonly NostrEvent[], order: Habits['order']): readonly NostrEvent[] {
  if (order === 'oldest') return [...events].reverse();
  // By a part of the id that has nothing to do with dates.
  return order === 'scattered'
    ? [...events].sort((a, b) => (a.id.slice(8) < b.id.slice(8) ? -1 : 1))
    : events;
}
