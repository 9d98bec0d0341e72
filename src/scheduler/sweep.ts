import { plus } from '../ids.ts';
import type { EngineDeps } from './deps.ts';
import { readMeta } from './gather.ts';

const MAX_NOTICES = 10_000;
/** A late Welcome is explained for as long as one may plausibly arrive. */
export const TOMBSTONE_SEC = 30 * 86_400;

/** Clears away what is past its use: old notices, old tombstones, replaced relay lists. */
export async function sweep({ store, clock }: Pick<EngineDeps, 'store' | 'clock'>): Promise<void> {
  await store.update('sweep', async (tx) => {
    const now = clock.now();
    const [last] = await tx.notices.list({ reverse: true, limit: 1 });
    const excess = (await tx.notices.count()) - MAX_NOTICES;
    if (last !== undefined && excess > 0) {
      for (const notice of await tx.notices.list({ limit: excess })) tx.notices.delete(notice.seq);
    }
    for (const stone of await tx.tombstones.list()) {
      if (plus(stone.notAfter, TOMBSTONE_SEC) <= now) tx.tombstones.delete(stone.ref);
    }
    const lists = new Set((await tx.relayLists.list()).map(({ event }) => event.id));
    for (const entry of await tx.outbox.list()) {
      if (entry.subject.kind === 'relay_list' && !lists.has(entry.event.id)) tx.outbox.delete(entry.event.id);
    }
    tx.meta.put('meta', { ...(await readMeta(tx)), sweptAt: now });
  });
}
