import { plus, type RelayUrl, type UnixSeconds } from '../ids.ts';
import type { InboxCursor } from '../records.ts';

const DAY_SEC = 86_400;
/** First look at a relay. */
const COLD_SEC = 7 * DAY_SEC;
/** NIP-59 backdates gift wraps by up to two days; an hour for clocks that differ. */
const WARM_SEC = 2 * DAY_SEC + 3_600;
const FULL_EVERY_SEC = 7 * DAY_SEC;

export interface InboxWindow {
  /** undefined: everything the relay holds. */
  readonly since: UnixSeconds | undefined;
  readonly full: boolean;
}

/** From when on a relay's gift wraps are asked for; never taken from an event's date, which a sender controls. */
export function windowFor(cursor: InboxCursor | undefined, now: UnixSeconds): InboxWindow {
  if (cursor === undefined) return { since: plus(now, -COLD_SEC), full: true };
  const full = Math.abs(now - cursor.fullReadAt) >= FULL_EVERY_SEC;
  return full
    ? { since: undefined, full }
    : { since: plus(Math.min(cursor.readAt, now) as UnixSeconds, -WARM_SEC), full };
}

/** The cursor after a relay delivered its stored events to a subscription opened at `openedAt`. */
export function cursorAfter(
  relay: RelayUrl,
  before: InboxCursor | undefined,
  openedAt: UnixSeconds,
  window: InboxWindow,
): InboxCursor {
  const fullReadAt = window.full || before === undefined ? openedAt : before.fullReadAt;
  return { relay, readAt: openedAt, fullReadAt };
}
