import { matchFilters, type Filter as NostrFilter } from 'nostr-tools/filter';
import type { Filter } from '../ports.ts';
import type { NostrEvent } from '../records.ts';

/** One REQ that is open on a relay, and who wants what it brings. */
export interface Reader {
  readonly filters: readonly Filter[];
  /** A verified event that matches; `size` is the length of its frame. */
  onEvent(event: NostrEvent, size: number): void;
}

/** A relay may send anything under a subscription's id: only what was asked for goes further. */
export function wasAskedFor(event: NostrEvent, filters: readonly Filter[]): boolean {
  return matchFilters(filters as NostrFilter[], event as NostrEvent & { tags: string[][] });
}
