import { type EventId, plus, type RelayUrl, short, type UnixSeconds } from '../ids.ts';
import { confirmed, published, retired, retryDelaySec, withDelivery } from '../keypackages/record.ts';
import { isQuarantined } from '../keypackages/world.ts';
import type { SendOutcome, Transaction } from '../ports.ts';
import { fraction } from '../random.ts';
import type { Delivery, KeyPackageRecord, NostrEvent, OutboxEntry } from '../records.ts';
import type { EngineDeps } from './deps.ts';
import { readMeta } from './gather.ts';

/** How long an event waits that found its connection just gone. */
const RECONNECT_SEC = 5;

/** One event on its way, with what was known of this relay before. */
interface Parcel {
  readonly event: NostrEvent;
  readonly before: Delivery | undefined;
}

/**
 * C2, then the sends, then a C3 for each answer: what may have left this machine is durable before it leaves.
 * The same bytes go out however often this is repeated.
 */
export async function deliver(
  deps: EngineDeps,
  relay: RelayUrl,
  eventIds: readonly EventId[],
): Promise<void> {
  const parcels = await intend(deps, relay, eventIds);
  const outcomes = await Promise.all(
    parcels.map(async (parcel) => {
      const outcome = await deps.relays.publish(relay, parcel.event);
      await receive(deps, relay, parcel, outcome);
      return outcome;
    }),
  );
  report(deps, relay, outcomes);
}

/** One line for each kind of answer, however many events it concerns. */
function report({ log }: EngineDeps, relay: RelayUrl, outcomes: readonly SendOutcome[]): void {
  const accepted = outcomes.filter(({ kind }) => kind === 'accepted');
  const rejected = outcomes.filter((outcome) => outcome.kind === 'rejected');
  const unanswered = outcomes.filter((outcome) => outcome.kind === 'unknown');
  if (accepted.length > 0) log.info('events_accepted', { relay, count: accepted.length });
  for (const { message } of rejected.slice(0, 1)) {
    log.warn('events_rejected', { relay, count: rejected.length, reason: message });
  }
  for (const { reason } of unanswered.slice(0, 1)) {
    log.info('events_unanswered', { relay, count: unanswered.length, reason });
  }
}

async function intend(
  deps: EngineDeps,
  relay: RelayUrl,
  eventIds: readonly EventId[],
): Promise<readonly Parcel[]> {
  return deps.store.update('intent', async (tx) => {
    const now = deps.clock.now();
    const meta = await readMeta(tx);
    const parcels: Parcel[] = [];
    for (const id of eventIds) {
      const entry = await tx.outbox.get(id);
      if (entry === undefined) continue;
      const record = await recordOf(tx, entry);
      // Since this was decided another copy may have been met.
      if (record !== undefined && isQuarantined(meta, record)) continue;
      const before = entry.deliveries[relay];
      const attempts = (before?.attempts ?? 0) + 1;
      tx.outbox.put(id, withDelivery(entry, relay, { outcome: 'sent', at: now, attempts, mayHold: true }));
      if (record !== undefined) tx.keyPackages.put(record.ref, published(record, now));
      parcels.push({ event: entry.event, before });
    }
    return parcels;
  });
}

async function receive(
  deps: EngineDeps,
  relay: RelayUrl,
  parcel: Parcel,
  outcome: SendOutcome,
): Promise<void> {
  const { event, before } = parcel;
  const jitter = fraction(deps.random);
  await deps.store.update('receipt', async (tx) => {
    const entry = await tx.outbox.get(event.id);
    if (entry === undefined) return;
    const now = deps.clock.now();
    tx.outbox.put(event.id, withDelivery(entry, relay, deliveryAfter(outcome, before, now, jitter)));
    if (outcome.kind === 'accepted') await confirm(tx, entry, now);
  });
  deps.log.debug('event_answered', { eventId: short(event.id), relay, ...outcome });
}

function deliveryAfter(
  outcome: SendOutcome,
  before: Delivery | undefined,
  now: UnixSeconds,
  jitter: number,
): Delivery {
  const attempts = (before?.attempts ?? 0) + 1;
  const retryAt = plus(now, retryDelaySec(attempts, jitter));
  const heldBefore = before?.mayHold ?? false;
  switch (outcome.kind) {
    case 'accepted':
      return { outcome: 'accepted', at: now, attempts, mayHold: true };
    case 'rejected': {
      const detail = `${outcome.prefix}: ${outcome.message}`.slice(0, 200);
      return { outcome: 'rejected', at: now, attempts, retryAt, detail, mayHold: heldBefore };
    }
    case 'unknown':
      return {
        outcome: 'unknown',
        at: now,
        attempts,
        retryAt,
        detail: outcome.reason.slice(0, 200),
        mayHold: true,
      };
    case 'not_sent':
      // Not an attempt: it goes out as soon as there is a connection again.
      return {
        outcome: 'unknown',
        at: now,
        attempts: attempts - 1,
        retryAt: plus(now, RECONNECT_SEC),
        mayHold: heldBefore,
      };
  }
}

/** The newest confirmed package of a slot stands; the ones before it are retired. */
async function confirm(tx: Transaction, entry: OutboxEntry, now: UnixSeconds): Promise<void> {
  const record = await recordOf(tx, entry);
  if (record === undefined) return;
  tx.keyPackages.put(record.ref, confirmed(record, now));
  const inSlot = (await tx.keyPackages.list()).filter(({ slot }) => slot === record.slot);
  const standing = inSlot
    .filter(({ state }) => state === 'confirmed')
    .reduce((newest, each) => Math.max(newest, each.createdAt), 0);
  for (const each of inSlot) {
    if (each.createdAt < standing) tx.keyPackages.put(each.ref, retired(each, now));
  }
}

async function recordOf(tx: Transaction, entry: OutboxEntry): Promise<KeyPackageRecord | undefined> {
  return entry.subject.kind === 'key_package' ? tx.keyPackages.get(entry.subject.ref) : undefined;
}
