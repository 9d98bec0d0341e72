import { plus, type RelayUrl, type UnixSeconds } from '../ids.ts';
import type { InboxCursor } from '../records.ts';

const DAY_SEC = 86_400;
/** First look at a relay. */
const COLD_SEC = 7 * DAY_SEC;
/** NIP-59 backdates gift wraps by up to two days; an hour for clocks that differ. */
export const BACKDATED_SEC = 2 * DAY_SEC + 3_600;
const FULL_EVERY_SEC = 7 * DAY_SEC;

/** What a reading asks for, and when it was begun. */
export interface Window {
  /** undefined: everything the relay holds. */
  readonly since: UnixSeconds | undefined;
  readonly openedAt: UnixSeconds;
}

/** From when on a relay's gift wraps are asked for; never taken from an event's date, which a sender controls. */
export function windowFor(cursor: InboxCursor | undefined, now: UnixSeconds): Window {
  if (cursor === undefined) return { since: plus(now, -COLD_SEC), openedAt: now };
  const full = Math.abs(now - cursor.fullReadAt) >= FULL_EVERY_SEC;
  const since = full ? undefined : plus(Math.min(cursor.readAt, now) as UnixSeconds, -BACKDATED_SEC);
  return { since, openedAt: now };
}

/** The cursor when what the window asks for was brought to its end; `readAt`: how far the reading is up to date. */
export function cursorAfter(
  relay: RelayUrl,
  before: InboxCursor | undefined,
  window: Window,
  readAt: UnixSeconds,
): InboxCursor {
  // The first look, of a week, counts: what is older was there before the account was kept here.
  if (before === undefined) return { relay, readAt, fullReadAt: window.openedAt };
  if (window.since !== undefined) return { ...before, readAt };
  return { relay, readAt, fullReadAt: window.openedAt, fullReadBeforeAt: before.fullReadAt };
}

/**
 * Ids brought before this are forgotten: the last two readings of everything, of every inbox relay, did not bring them.
 * Undefined: some relay was not read twice yet.
 */
export function forgetBefore(cursors: readonly (InboxCursor | undefined)[]): UnixSeconds | undefined {
  const dates = cursors.map((cursor) => cursor?.fullReadBeforeAt);
  if (dates.length === 0 || dates.includes(undefined)) return undefined;
  return Math.min(...(dates as UnixSeconds[])) as UnixSeconds;
}
