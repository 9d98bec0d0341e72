import { wantedDeliveries } from '../delivery/delivery.ts';
import { plus, type RelayUrl, short, type UnixSeconds } from '../ids.ts';
import { retryDelaySec, withDelivery } from '../keypackages/record.ts';
import type { World } from '../keypackages/world.ts';
import { addNotice } from '../notices.ts';
import type { Filter, Transaction } from '../ports.ts';
import { KIND } from '../protocol/kinds.ts';
import { fraction } from '../random.ts';
import type { NostrEvent, OutboxEntry } from '../records.ts';
import type { EngineDeps } from './deps.ts';
import { fetchEach } from './fetch-each.ts';
import { meetForeign, slotOf } from './foreign.ts';
import { learnLists } from './relay-lists.ts';
import type { SessionState } from './session.ts';

/** The relay lists, and whatever stands in our slots; other devices of the account have slots of their own. */
function ownEvents({ account }: EngineDeps, { slots }: World): Filter[] {
  const lists = { authors: [account], kinds: [KIND.relayList, KIND.inboxRelays] };
  if (slots.length === 0) return [lists];
  return [lists, { authors: [account], kinds: [KIND.keyPackage], '#d': slots.map(({ slot }) => slot) }];
}

/**
 * Reads our own events from one relay and compares: what it lost is sent again, what it holds beyond our
 * knowledge (relay lists, another copy's KeyPackages) is taken note of.
 */
export async function readBack(
  deps: EngineDeps,
  session: SessionState,
  relay: RelayUrl,
  world: World,
): Promise<void> {
  const outcome = await fetchEach(deps.relays, relay, ownEvents(deps, world));
  const now = deps.clock.now();
  if (outcome.kind === 'failed') {
    deps.log.info('read_back_failed', { relay, reason: outcome.reason });
    session.readBackFailed(relay, now);
    return;
  }
  const jitter = fraction(deps.random);
  const foreign = await deps.store.update('receipt', async (tx) => {
    await learnLists(tx, outcome.events, now);
    const met = await meetForeign(deps, tx, relay, outcome.events, now);
    for (const { entry } of wantedDeliveries(world)) {
      // Accepted after the query was sent: the answer does not speak of it.
      const current = await tx.outbox.get(entry.event.id);
      const before = entry.deliveries[relay];
      if (current === undefined || before?.outcome !== 'accepted') continue;
      if (current.deliveries[relay]?.at !== before.at) continue;
      await compare(deps, tx, relay, current, outcome.events, now, jitter);
    }
    return met;
  });
  session.readBack(relay, now, foreign);
}

async function compare(
  deps: EngineDeps,
  tx: Transaction,
  relay: RelayUrl,
  entry: OutboxEntry,
  held: readonly NostrEvent[],
  now: UnixSeconds,
  jitter: number,
): Promise<void> {
  const before = entry.deliveries[relay];
  if (before === undefined) return;
  if (held.some((event) => event.id === entry.event.id)) {
    tx.outbox.put(entry.event.id, withDelivery(entry, relay, { ...before, seenAt: now }));
    return;
  }
  const rival = held.find((event) => sameAddress(event, entry.event));
  if (rival !== undefined && rival.created_at >= entry.event.created_at) return;
  const code = rival === undefined ? 'relay_lost_package' : 'relay_serves_older';
  const { seenAt: _, ...rest } = before;
  tx.outbox.put(
    entry.event.id,
    withDelivery(entry, relay, {
      ...rest,
      outcome: 'unknown',
      at: now,
      retryAt: plus(now, retryDelaySec(before.attempts, jitter)),
      detail: code,
    }),
  );
  const what = rival === undefined ? 'no longer holds' : 'serves an older event than';
  await addNotice(tx, now, {
    code,
    severity: 'warning',
    message: `${relay} accepted event ${short(entry.event.id)} but ${what} it; it is sent again`,
    data: { relay, event: entry.event.id },
  });
  deps.log.warn(code, { relay, eventId: short(entry.event.id) });
}

const sameAddress = (a: NostrEvent, b: NostrEvent): boolean => a.kind === b.kind && slotOf(a) === slotOf(b);
