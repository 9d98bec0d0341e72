import type { UnixSeconds } from '../ids.ts';
import { MAX_SEEN } from '../invitations/room.ts';
import type { SeenWrap } from '../records.ts';
import type { InboxDeps } from './deps.ts';
import { pagesOf } from './pages.ts';

/** Looked at, and forgotten, in one commit. */
const PAGE = 1_000;
/** Of too many, how many stay: so that they are counted out once in a while and not at every one more. */
const KEPT_SHARE = 0.9;

/**
 * Forgets the ids of gift wraps that no relay brings any more: those brought before `before`, and beyond
 * `MAX_SEEN` the oldest. Answers how many were forgotten for being too many.
 */
export async function forgetSeen(
  store: InboxDeps['store'],
  before: UnixSeconds | undefined,
): Promise<{ readonly forgotten: number; readonly tooMany: boolean }> {
  const tooMany = (await store.read((view) => view.seen.count())) > MAX_SEEN;
  const oldest = tooMany ? await dateOfOldestShare(store) : undefined;
  const end = Math.max(before ?? 0, oldest ?? 0);
  if (end === 0) return { forgotten: 0, tooMany };
  let forgotten = 0;
  for await (const page of pagesOf(store, 'seen', PAGE)) {
    const old = page.filter(({ broughtAt }) => broughtAt < end);
    if (old.length === 0) continue;
    forgotten += await store.update('sweep', async (tx) => {
      const current = await tx.seen.getMany(old.map(({ id }) => id));
      const kept = await tx.invitations.getMany(old.map(({ id }) => id));
      // Of an invitation that is kept the id stays: a relay that hid it for two readings would bring it once more.
      const still = current.filter(
        (each, i) => each !== undefined && each.broughtAt < end && kept[i] === undefined,
      ) as SeenWrap[];
      for (const { id } of still) tx.seen.delete(id);
      return still.length;
    });
  }
  return { forgotten, tooMany };
}

async function dateOfOldestShare(store: InboxDeps['store']): Promise<number> {
  const dates: number[] = [];
  for await (const page of pagesOf(store, 'seen', PAGE))
    for (const { broughtAt } of page) dates.push(broughtAt);
  const sorted = Float64Array.from(dates).sort();
  return sorted[sorted.length - Math.floor(MAX_SEEN * KEPT_SHARE)] ?? 0;
}
