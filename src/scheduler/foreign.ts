import { plus, type RelayUrl, type SlotId, type UnixSeconds } from '../ids.ts';
import { addNotice } from '../notices.ts';
import type { Transaction } from '../ports.ts';
import { KIND } from '../protocol/kinds.ts';
import type { NostrEvent } from '../records.ts';
import type { EngineDeps } from './deps.ts';
import { TOMBSTONE_SEC } from './sweep.ts';

/**
 * Counts the events in our slots that were not made here: a second copy of this store is running, or this one is
 * an older copy. Their dates become those of the slots, so that what replaces them is newer.
 */
export async function meetForeign(
  { log }: Pick<EngineDeps, 'log'>,
  tx: Transaction,
  relay: RelayUrl,
  held: readonly NostrEvent[],
  now: UnixSeconds,
): Promise<number> {
  const made = await idsMadeHere(tx);
  let count = 0;
  let newer = 0;
  for (const event of held) {
    if (event.kind !== KIND.keyPackage || made.has(event.id)) continue;
    const slot = await tx.slots.get(slotOf(event));
    if (slot === undefined) continue;
    // Of two with one date a relay serves one (NIP-01); two copies that renew in the same second make such.
    const overwrites = event.created_at >= slot.lastCreatedAt;
    // Ours, of long ago, when its tombstone is swept away.
    const past = event.created_at <= now - TOMBSTONE_SEC && event.created_at <= slot.lastCreatedAt;
    if (past) continue;
    count += 1;
    if (!overwrites) continue;
    newer += 1;
    // One second more, so that our own of the same date is overwritten too, and the next look finds nothing new.
    tx.slots.put(slot.slot, { ...slot, lastCreatedAt: plus(event.created_at, 1) });
  }
  if (newer > 0) {
    await addNotice(tx, now, {
      code: 'foreign_package',
      severity: 'warning',
      message: `${relay} holds ${newer} newer KeyPackages in our slots that this copy of the state did not make`,
      data: { relay, count: newer },
    });
    log.warn('foreign_package', { relay, count: newer });
  }
  return count;
}

/** Ids of the KeyPackage events this store knows to be its own. */
async function idsMadeHere(tx: Transaction): Promise<ReadonlySet<string>> {
  const records = [...(await tx.keyPackages.list()), ...(await tx.tombstones.list())];
  return new Set(records.map(({ eventId }) => eventId));
}

export const slotOf = (event: NostrEvent): SlotId =>
  (event.tags.find(([name]) => name === 'd')?.[1] ?? '') as SlotId;
