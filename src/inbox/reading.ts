import { plus, type RelayUrl, type UnixSeconds } from '../ids.ts';
import { MAX_WRAP_BYTES } from '../invitations/room.ts';
import type { Fetched, FetchOutcome, Filter, SkippedEvent } from '../ports.ts';
import { KIND } from '../protocol/kinds.ts';
import type { InboxCursor } from '../records.ts';
import { BACKDATED_SEC, cursorAfter, type Window, windowFor } from './cursors.ts';
import type { InboxDeps } from './deps.ts';
import type { Keeper } from './keep.ts';
import { type PageFacts, type Step, stepAfter, type Walk, walkFrom, withFewer } from './paging.ts';

/** Of one page in memory, for each relay: a good many of the largest gift wraps. */
const PAGE_BYTES = 2.5 * 1024 * 1024;

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
  /** What the reading was begun with, and after an interruption what came since: two at most. */
  let parts: readonly Part[] = [];
  /** The newest goes first, but not again after it was broken off: no part waits for ever. */
  let newestFirst = true;
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
      parts = withNews(parts, now);
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
    const part = parts.at(newestFirst ? -1 : 0)!;
    await keeper.measure();
    if (!keeper.hasRoom()) return unread('no_room', NO_ROOM);
    const outcome = await relays.fetch(relay, questionOf(part), {
      events: part.walk.limit,
      bytes: PAGE_BYTES,
      eventBytes: MAX_WRAP_BYTES,
    });
    const page = outcome.kind === 'failed' ? outcome.partial : outcome;
    if (page === undefined) return brokenOff(outcome);
    for (const { reason } of page.skipped) skipped[reason] = (skipped[reason] ?? 0) + 1;

    const step = stepOf(outcome.kind, page, part.walk);
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
      parts = parts.map((each) => (each === part ? { ...part, walk: step.walk } : each));
      return brokenOff(outcome);
    }
    parts = parts.filter((each) => each !== part);
    newestFirst = true;
    hidden = [...hidden, ...step.hidden];
    if (cursor === undefined) return undefined;
    cursors.set(relay, cursor);
    window = undefined;
    return { kind: 'read', found, hidden };
  }

  function brokenOff(outcome: FetchOutcome): ReadingResult | undefined {
    if (outcome.kind !== 'failed') return undefined;
    newestFirst = !newestFirst;
    return unread('failed', outcome.reason);
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

const arrivalsOf = ({ events, sizes }: Fetched) =>
  events.map((event) => ({ event, bytes: sizes.get(event.id) ?? 0 }));

/** What was skipped is part of its page: the reading passes over it, and never takes it for the end. */
function factsOf({ events, skipped }: Fetched, overflow: boolean, until: UnixSeconds | undefined): PageFacts {
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
    overflow,
    unasked: skipped.some(
      ({ reason, createdAt }) => reason === 'not_asked' && until !== undefined && (createdAt ?? 0) > until,
    ),
  };
}

/** Where to go on after an answer; one that was broken off is asked for in smaller pages, from what it led to. */
function stepOf(kind: FetchOutcome['kind'], page: Fetched, walk: Walk): Step {
  const isPage = kind === 'complete' || leadsOn(page, walk.until);
  if (kind !== 'failed') return stepAfter(walk, factsOf(page, !isPage, walk.until));
  const until = isPage ? page.events.at(-1)?.created_at : walk.until;
  return { kind: 'next', walk: withFewer({ ...walk, until }) };
}

/** So many dates do not stand in this order by chance; events of one second would in any. */
const TELLING = 8;

/** What came of a page that was cut off is a page all the same where the relay sends the newest first. */
const leadsOn = ({ events }: Fetched, until: UnixSeconds | undefined): boolean =>
  new Set(events.map(({ created_at }) => created_at)).size >= TELLING &&
  events.every(({ created_at }, i) => i === 0 || created_at <= events[i - 1]!.created_at) &&
  (until === undefined || events.at(-1)!.created_at < until);

/** The parts with one for what came since the newest of them was begun. */
function withNews(parts: readonly Part[], now: UnixSeconds): readonly Part[] {
  const [begun, news = begun] = parts;
  if (begun === undefined || news === undefined) return parts;
  // What interrupted the newest part before it was read is part of the new one.
  const since = news === begun ? sinceOf(begun.window.openedAt, now) : news.window.since;
  const walk = { ...walkFrom(undefined), limit: begun.walk.limit };
  return [begun, { window: { since, openedAt: now }, walk }];
}

const sinceOf = (openedAt: UnixSeconds, now: UnixSeconds): UnixSeconds =>
  plus(Math.min(openedAt, now) as UnixSeconds, -BACKDATED_SEC);
