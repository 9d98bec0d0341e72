import { plus, type RelayUrl, type UnixSeconds } from '../ids.ts';
import { MAX_WRAP_BYTES } from '../invitations/room.ts';
import type { FetchOutcome, Filter, SkippedEvent } from '../ports.ts';
import { KIND } from '../protocol/kinds.ts';
import type { InboxCursor, NostrEvent } from '../records.ts';
import { BACKDATED_SEC, cursorAfter, type Window, windowFor } from './cursors.ts';
import type { InboxDeps } from './deps.ts';
import type { Keeper } from './keep.ts';
import { type PageFacts, stepAfter, type Walk, walkFrom } from './paging.ts';

/** Parts of an interrupted reading that are remembered; more become one. */
const MAX_PARTS = 4;

/** How the reading of a relay's stored gift wraps went on. */
export type ReadingResult =
  /** To the end; `found`: gift wraps that were not known. `hidden`: seconds of which there may be more (NIP-01). */
  | { readonly kind: 'read'; readonly found: number; readonly hidden: readonly UnixSeconds[] }
  /** Something of what the relay has was not taken; what was taken is stored. */
  | { readonly kind: 'unread'; readonly cause: 'no_room' | 'failed' | 'stuck'; readonly reason: string };

/**
 * The stored gift wraps of one relay. A reading that breaks off is taken up where it stood: a relay that hangs up after
 * every page is read to its end all the same.
 */
export interface Reading {
  /** Reads on until everything is read or something stands in the way; never two at a time. */
  read(): Promise<ReadingResult>;
  /** The connection was another one: what came meanwhile is still to be read. */
  interrupted(): void;
  /** What could not be taken since the start. */
  skipped(): Readonly<Partial<Record<SkippedEvent['reason'], number>>>;
}

/** Dates from `window.since` on that are still to be read, downwards from where the walk stands. */
interface Part {
  readonly window: Window;
  readonly walk: Walk;
}

export function createReading(
  { account, clock, relays }: Pick<InboxDeps, 'account' | 'clock' | 'relays'>,
  keeper: Keeper,
  relay: RelayUrl,
  cursors: Map<RelayUrl, InboxCursor>,
): Reading {
  /** The oldest first; the first of them is what the reading was begun with. */
  let parts: readonly Part[] = [];
  let window: Window | undefined;
  /** How far the reading is up to date. */
  let readAt: UnixSeconds | undefined;
  let found = 0;
  let hidden: readonly UnixSeconds[] = [];
  const skipped: Partial<Record<SkippedEvent['reason'], number>> = {};

  function begin(now: UnixSeconds): Window {
    const begun = window ?? windowFor(cursors.get(relay), now);
    if (window === undefined) {
      found = 0;
      hidden = [];
      parts = [{ window: begun, walk: walkFrom(undefined) }];
      window = begun;
      readAt = now;
    } else if (readAt === undefined) {
      const newest = parts.at(-1)?.window.openedAt ?? begun.openedAt;
      const since = plus(Math.min(newest, now) as UnixSeconds, -BACKDATED_SEC);
      parts = joined([...parts, { window: { since, openedAt: now }, walk: walkFrom(undefined) }]);
      readAt = now;
    }
    return begun;
  }

  const questionOf = ({ window: { since }, walk: { until, limit } }: Part): Filter => ({
    kinds: [KIND.giftWrap],
    '#p': [account],
    limit,
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  });

  /** One page, one commit. Undefined: it led on. */
  async function readPage(begun: Window, upTo: UnixSeconds): Promise<ReadingResult | undefined> {
    const part = parts.at(-1)!;
    await keeper.measure();
    const room = keeper.roomForPage();
    if (room === undefined) return unread('no_room', NO_ROOM);
    const page = await relays.fetch(relay, questionOf(part), {
      events: part.walk.limit,
      bytes: room.bytes,
      eventBytes: MAX_WRAP_BYTES,
    });
    if (page.kind === 'failed') return unread('failed', page.reason);
    for (const { reason } of page.skipped) skipped[reason] = (skipped[reason] ?? 0) + 1;

    const step = stepAfter(part.walk, factsOf(page, part.walk.until));
    const last = step.kind === 'end' && parts.length === 1;
    const cursor = last ? cursorAfter(relay, cursors.get(relay), begun, upTo) : undefined;
    const kept = await keeper.keep(relay, arrivalsOf(page), {
      ...(begun.since === undefined ? { readingOf: begun.openedAt } : {}),
      ...(cursor === undefined ? {} : { cursor }),
    });
    found += kept.stored;
    if (kept.left > 0) return unread('no_room', NO_ROOM);
    if (step.kind === 'stuck') return unread('stuck', step.reason);
    if (step.kind === 'next') {
      parts = [...parts.slice(0, -1), { ...part, walk: step.walk }];
      return undefined;
    }
    parts = parts.slice(0, -1);
    hidden = [...hidden, ...step.hidden];
    if (cursor === undefined) return undefined;
    cursors.set(relay, cursor);
    window = undefined;
    return { kind: 'read', found, hidden };
  }

  return {
    async read() {
      const begun = begin(clock.now());
      for (;;) {
        const result = await readPage(begun, readAt ?? begun.openedAt);
        if (result !== undefined) return result;
      }
    },
    interrupted() {
      readAt = undefined;
    },
    skipped: () => skipped,
  };
}

const NO_ROOM = 'no room for more gift wraps';

const unread = (cause: 'no_room' | 'failed' | 'stuck', reason: string): ReadingResult => ({
  kind: 'unread',
  cause,
  reason,
});

type Page = Exclude<FetchOutcome, { kind: 'failed' }>;

const arrivalsOf = ({ events, sizes }: Page) =>
  events.map((event) => ({ event, bytes: sizes.get(event.id) ?? 0 }));

/** What was skipped is part of its page: the reading passes over it, and never takes it for the end. */
function factsOf({ kind, events, skipped }: Page, until: UnixSeconds | undefined): PageFacts {
  const asked = skipped.filter(({ reason }) => reason !== 'not_asked');
  return {
    items: [
      ...events.map(({ id, created_at }) => ({ id, createdAt: created_at })),
      ...asked.map(({ id, createdAt }) => ({
        id,
        // Nobody has proven it: a date ahead of the question would lead nowhere.
        createdAt: createdAt !== undefined && until !== undefined && createdAt > until ? until : createdAt,
      })),
    ],
    overflow: kind === 'overflow' && !isNewestFirst(events),
    unasked: skipped.some(
      ({ reason, createdAt }) => reason === 'not_asked' && until !== undefined && (createdAt ?? 0) > until,
    ),
  };
}

/** So many that they do not stand in this order by chance. */
const TELLING = 8;

/** Of a page that was cut off, what came is a page all the same where the relay sends the newest first. */
const isNewestFirst = (events: readonly NostrEvent[]): boolean =>
  events.length >= TELLING &&
  events.every(({ created_at }, i) => i === 0 || created_at <= events[i - 1]!.created_at);

/** Of too many parts the two oldest become one; what lies between them is read again. */
function joined(parts: readonly Part[]): readonly Part[] {
  const [oldest, next, ...others] = parts;
  if (parts.length <= MAX_PARTS || oldest === undefined || next === undefined) return parts;
  const { since } = oldest.window;
  const lower =
    since === undefined || next.window.since === undefined ? undefined : Math.min(since, next.window.since);
  const window: Window = { since: lower as UnixSeconds | undefined, openedAt: next.window.openedAt };
  return [{ window, walk: next.walk }, ...others];
}
