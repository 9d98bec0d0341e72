import { plus, type UnixSeconds } from '../ids.ts';

/** Events asked for at once; an eighth of it, and again, where that many do not fit a page's bytes. */
export const PAGE_EVENTS = 500;
const FEWER = 8;

/** Where in a relay's stored events a reading stands: newest first, page by page (NIP-01 `until`, `limit`). */
export interface Walk {
  /** Inclusive; undefined: from the newest on. */
  readonly until: UnixSeconds | undefined;
  readonly limit: number;
  /** Ids of the page before, as far as they may come again. */
  readonly before: ReadonlySet<string>;
  /** Events of the largest page so far: how many this relay hands out at once, at least. */
  readonly largest: number;
  /** The second for which a small page was made large again. */
  readonly widenedAt?: UnixSeconds;
  /** Seconds that filled a page, with how many events came of each. */
  readonly crowded: readonly Crowded[];
}

interface Crowded {
  readonly at: UnixSeconds;
  readonly count: number;
  /** As many as were asked for. */
  readonly full: boolean;
}

/** What one page brought: everything counts that the relay sent in answer, also what could not be taken. */
export interface PageFacts {
  readonly items: readonly { readonly id: string | undefined; readonly createdAt: UnixSeconds | undefined }[];
  /** The page was ended because more came than fits, and not in an order that makes of it a page. */
  readonly overflow: boolean;
  /** Events outside the question came: the relay does not honour `until`. */
  readonly unasked: boolean;
}

export type Step =
  | { readonly kind: 'next'; readonly walk: Walk }
  /** Everything was brought, but for events of `hidden` seconds that NIP-01 offers no way to ask for. */
  | { readonly kind: 'end'; readonly hidden: readonly UnixSeconds[] }
  /** The relay's answers do not lead on. */
  | { readonly kind: 'stuck'; readonly reason: string };

export const walkFrom = (until: UnixSeconds | undefined): Walk => ({
  until,
  limit: PAGE_EVENTS,
  before: new Set(),
  largest: 0,
  crowded: [],
});

/** The same, asking for fewer at once. */
export const withFewer = (walk: Walk): Walk => ({
  ...walk,
  limit: Math.max(1, Math.floor(walk.limit / FEWER)),
});

/**
 * Where to go on after a page. Its least date is the next `until`, inclusive, so that no second is cut in two; the end is
 * a page that brings nothing new. A short page is no end: relays hand out fewer than asked for, in any order.
 */
export function stepAfter(walk: Walk, { items, overflow, unasked }: PageFacts): Step {
  if (overflow && walk.limit > 1) return { kind: 'next', walk: withFewer(walk) };
  const dates = items.flatMap(({ createdAt }) => createdAt ?? []);
  if (unasked && walk.until !== undefined && dates.every((date) => date === walk.until)) {
    return { kind: 'stuck', reason: 'it does not honour until' };
  }
  if (items.length > 0 && dates.length === 0) return { kind: 'stuck', reason: 'its events cannot be read' };
  const largest = Math.max(walk.largest, items.length);
  if (dates.length === 0) return { kind: 'end', hidden: hiddenSeconds({ ...walk, largest }) };

  const least = Math.min(...dates) as UnixSeconds;
  const ids = items.flatMap(({ id }) => id ?? []);
  const sameSecond = least === walk.until;
  if (!sameSecond || ids.some((id) => !walk.before.has(id))) {
    // Where a second fills page after page with other events, all of them are remembered: it ends when none is new.
    const before = new Set(sameSecond ? [...walk.before, ...ids] : ids);
    return { kind: 'next', walk: { ...walk, until: least, before, largest } };
  }
  if (items.length >= walk.limit && walk.limit < PAGE_EVENTS && walk.widenedAt !== least) {
    return { kind: 'next', walk: { ...walk, limit: PAGE_EVENTS, widenedAt: least, largest } };
  }
  const full = items.length >= walk.limit;
  const crowded = [...walk.crowded, { at: least, count: items.length, full }].slice(-MAX_CROWDED);
  return { kind: 'next', walk: { ...walk, until: plus(least, -1), before: new Set(), largest, crowded } };
}

const MAX_CROWDED = 100;
/** No relay is known that hands out fewer at once. */
const LEAST_CAP = 20;

/**
 * A second whose page was as large as this relay's pages get may hold more than was handed out; one with which everything
 * ends, in a page that others exceeded or that nobody would cut so short, does not.
 */
function hiddenSeconds({ crowded, largest, until }: Walk): UnixSeconds[] {
  const mayBeCut = ({ at, count, full }: Crowded): boolean =>
    full || (count >= largest && (count >= LEAST_CAP || (until !== undefined && until < at - 1)));
  return crowded.filter(mayBeCut).map(({ at }) => at);
}
