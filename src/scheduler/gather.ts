import type { RelayUrl } from '../ids.ts';
import type { RelayRoles, World } from '../keypackages/world.ts';
import type { View } from '../ports.ts';
import { KIND } from '../protocol/kinds.ts';
import { inboxRelays, writeRelays } from '../protocol/relay-lists.ts';
import type { Meta, NostrEvent } from '../records.ts';
import type { EngineDeps } from './deps.ts';
import type { SessionState } from './session.ts';

const EMPTY_META: Meta = { generation: 0 };

export const readMeta = async (view: Pick<View, 'meta'>): Promise<Meta> =>
  (await view.meta.get('meta')) ?? EMPTY_META;

/** Reads everything a decision depends on, from one snapshot and with one look at the clock. */
export async function gather(
  deps: Pick<EngineDeps, 'store' | 'disk' | 'clock' | 'bootstrap' | 'inbox'>,
  session: SessionState,
): Promise<World> {
  const disk = await deps.disk.look();
  // Before the store is read: a job that ends meanwhile still counts as under way, or it would be started again.
  const snapshot = session.snapshot();
  return deps.store.read(async (view) => {
    const relayLists = (await view.relayLists.list()).map(({ event }) => event);
    return {
      now: deps.clock.now(),
      meta: await readMeta(view),
      slots: await view.slots.list(),
      packages: await view.keyPackages.list(),
      outbox: await view.outbox.list(),
      relayLists,
      inbox: deps.inbox(),
      roles: rolesFrom(relayLists, deps.bootstrap),
      disk,
      session: snapshot,
    };
  });
}

function rolesFrom(lists: readonly NostrEvent[], bootstrap: readonly RelayUrl[]): RelayRoles {
  const byKind = (kind: number): NostrEvent | undefined => lists.find((event) => event.kind === kind);
  const nip65 = byKind(KIND.relayList);
  const inbox = byKind(KIND.inboxRelays);
  return {
    write: nip65 === undefined ? undefined : writeRelays(nip65),
    inbox: inbox === undefined ? undefined : inboxRelays(inbox),
    bootstrap,
  };
}
