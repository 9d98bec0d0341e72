import type { Decision, Obstacle } from '../decision.ts';
import { type EventId, plus, type RelayUrl, type UnixSeconds } from '../ids.ts';
import { connectionObstacle, publicationObstacle } from '../keypackages/obstacles.ts';
import { MAX_RETRY_SEC } from '../keypackages/record.ts';
import { currentPackage, entryOf, isOverwritten, relaysInUse, type World } from '../keypackages/world.ts';
import type { Delivery, OutboxEntry } from '../records.ts';

/** How long after an accepted event it is looked for on the relay. */
const SETTLE_SEC = 5;
const READ_BACK_EVERY_SEC = 6 * 3_600;
const READ_BACK_RETRY_SEC = 60;

/** The outbox entries that should be on relays now, and on which. */
export function wantedDeliveries(world: World): { entry: OutboxEntry; relays: readonly RelayUrl[] }[] {
  const packages = world.slots.flatMap(({ slot }) => {
    const current = currentPackage(world, slot);
    // A relay would never serve what a newer event of the slot has overwritten.
    const wanted = current !== undefined && !isOverwritten(world, current);
    const entry = wanted ? entryOf(world, current.ref) : undefined;
    return entry === undefined ? [] : [{ entry, relays: world.roles.write ?? [] }];
  });
  const newest = new Set(world.relayLists.map((event) => event.id));
  const lists = world.outbox
    .filter((entry) => entry.subject.kind === 'relay_list' && newest.has(entry.event.id))
    .map((entry) => ({ entry, relays: relaysInUse(world.roles) }));
  return [...lists, ...packages];
}

/** When these bytes are to be sent to the relay (again); undefined: they are there. */
function sendAt(delivery: Delivery | undefined, now: UnixSeconds): UnixSeconds | undefined {
  if (delivery === undefined || delivery.outcome === 'sent') return now;
  if (delivery.outcome === 'accepted') return undefined;
  const at = delivery.retryAt ?? now;
  // A retry further off than any that is ever drawn: the clock went back since.
  return at > now + MAX_RETRY_SEC ? now : at;
}

/** One decision per relay and time: its due events go out together. */
export function deliveryDecisions(world: World): Decision[] {
  const blocked = publicationObstacle(world);
  const batches = new Map<
    string,
    { relay: RelayUrl; at: UnixSeconds; obstacle: Obstacle | undefined; ids: EventId[] }
  >();
  for (const { entry, relays } of wantedDeliveries(world)) {
    for (const relay of relays) {
      const at = sendAt(entry.deliveries[relay], world.now);
      if (at === undefined) continue;
      const obstacle =
        (entry.subject.kind === 'key_package' ? blocked : undefined) ??
        connectionObstacle(world, { kind: 'deliver', relay, eventIds: [] });
      const key = `${relay} ${Math.max(at, world.now)} ${obstacle}`;
      const batch = batches.get(key) ?? { relay, at, obstacle, ids: [] };
      batch.ids.push(entry.event.id);
      batches.set(key, batch);
    }
  }
  return [...batches.values()].map(({ relay, at, obstacle, ids }) => ({
    rule: 'deliver',
    reason: `${ids.length} not yet accepted there`,
    at,
    action: { kind: 'deliver', relay, eventIds: ids },
    ...(obstacle === undefined ? {} : { obstacle }),
  }));
}

/** Our own events are read back at every connection, after every answer, and every six hours. */
export function readBackDecisions(world: World): Decision[] {
  const wanted = wantedDeliveries(world);
  return relaysInUse(world.roles).map((relay) => {
    const { at, reason } = readBackAt(world, relay, wanted);
    const action = { kind: 'read_back', relay } as const;
    const obstacle = connectionObstacle(world, action);
    return {
      rule: 'read_back',
      reason,
      at,
      action,
      ...(obstacle === undefined ? {} : { obstacle }),
    };
  });
}

function readBackAt(
  world: World,
  relay: RelayUrl,
  wanted: ReturnType<typeof wantedDeliveries>,
): { at: UnixSeconds; reason: string } {
  const failedAt = world.session.readBackFailedAt.get(relay);
  if (failedAt !== undefined)
    return { at: plus(failedAt, READ_BACK_RETRY_SEC), reason: 'the last look failed' };
  const last = world.session.readBackAt.get(relay);
  if (last === undefined) return { at: world.now, reason: 'not read since connecting' };
  const answers = wanted
    .flatMap(({ entry }) => entry.deliveries[relay] ?? [])
    .filter((delivery) => tellsNothing(delivery, last));
  return answers.length > 0
    ? {
        at: plus(Math.max(last, ...answers.map((delivery) => delivery.at)) as UnixSeconds, SETTLE_SEC),
        reason: 'answered, not yet seen there',
      }
    : { at: plus(last, READ_BACK_EVERY_SEC), reason: 'the regular look' };
}

/** An answer that only a look can explain: accepted but not seen since, or refused for what the relay holds. */
const tellsNothing = ({ outcome, seenAt, at }: Delivery, lastRead: UnixSeconds): boolean =>
  (outcome === 'accepted' && seenAt === undefined) || (outcome === 'rejected' && at >= lastRead);
