import type { RelayUrl, UnixSeconds } from '../ids.ts';
import { type Amount, fits, MAX_WRAP_BYTES, pendingLimit } from '../invitations/room.ts';
import type { InboxCursor, NostrEvent, PendingWrap } from '../records.ts';
import type { InboxDeps } from './deps.ts';
import { PAGE_EVENTS } from './paging.ts';
import { factsOf, type Pending } from './pending.ts';

/** A verified gift wrap, and the length of the frame it came in. */
export interface Arrival {
  readonly event: NostrEvent;
  readonly bytes: number;
}

export interface Kept {
  /** Stored now. */
  readonly stored: number;
  /** Neither stored nor known: no room. They are asked for again. */
  readonly left: number;
}

/** C6: gift wraps are stored as they came, before anything is done with them, and the cursor with the last of them. */
export interface Keeper {
  /** `readingOf`: when the reading of everything that brings these was begun, so that their ids are remembered. */
  keep(
    relay: RelayUrl,
    arrivals: readonly Arrival[],
    also?: { readonly readingOf?: UnixSeconds; readonly cursor?: InboxCursor },
  ): Promise<Kept>;
  limit(): Amount;
  /** Worth asking for a page: a good part of one could be kept. */
  hasRoom(): boolean;
  /** Looks at the disk; what may be kept follows from it. */
  measure(): Promise<void>;
}

export function createKeeper(
  { clock, store, disk }: Pick<InboxDeps, 'clock' | 'store' | 'disk'>,
  pending: Pending,
): Keeper {
  let limit: Amount = { count: 0, bytes: 0 };

  const measure = async (): Promise<void> => {
    limit = pendingLimit(await disk.look(), pending.kept());
  };

  return {
    limit: () => limit,
    hasRoom() {
      const { count, bytes } = pending.kept();
      const part = Math.max(MAX_WRAP_BYTES, limit.bytes / 4);
      return count + PAGE_EVENTS <= limit.count && bytes + part <= limit.bytes;
    },
    measure,
    async keep(relay, arrivals, { readingOf, cursor } = {}) {
      await measure();
      const now = clock.now();
      const byId = new Map(arrivals.map((arrival) => [arrival.event.id, arrival]));
      const { wraps, left } = await store.update('receive', async (tx) => {
        const done = await tx.seen.getMany([...byId.keys()]);
        const wraps: PendingWrap[] = [];
        let kept = pending.kept();
        let left = 0;
        let at = 0;
        for (const [id, { event, bytes }] of byId) {
          const seen = done[at++];
          if (seen !== undefined) {
            if (readingOf !== undefined && seen.broughtAt < readingOf)
              tx.seen.put(id, { ...seen, broughtAt: readingOf });
          } else if (pending.has(id)) {
            // Known.
          } else if (fits(kept, limit, bytes)) {
            const wrap: PendingWrap = { id, receivedAt: now, relay, bytes, event };
            tx.wraps.put(id, wrap);
            wraps.push(wrap);
            kept = { count: kept.count + 1, bytes: kept.bytes + bytes };
          } else {
            left += 1;
          }
        }
        if (cursor !== undefined && left === 0) tx.cursors.put(relay, cursor);
        return { wraps, left };
      });
      for (const wrap of wraps) pending.put(factsOf(wrap));
      return { stored: wraps.length, left };
    },
  };
}
