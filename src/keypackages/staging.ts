import type { Decision, Obstacle, StageOrder, StageReason } from '../decision.ts';
import { plus, type UnixSeconds } from '../ids.ts';
import type { KeyPackageRecord } from '../records.ts';
import { clockObstacle, publicationObstacle, signingObstacle, slotsObstacle } from './obstacles.ts';
import {
  currentPackage,
  isOverwritten,
  isQuarantined,
  type Policy,
  pool,
  type World,
  wantedSlots,
} from './world.ts';

const DAY_SEC = 86_400;

/** When the rest of the Lifetime alone asks for a replacement: a week before its end, or its last third. */
function lifetimeEndsSoonAt(record: KeyPackageRecord): UnixSeconds {
  return plus(record.notAfter, -Math.min(7 * DAY_SEC, Math.floor((record.notAfter - record.notBefore) / 3)));
}

/** A rule tells when it wants this slot replaced; undefined: never, as things are. */
type SlotRule = (record: KeyPackageRecord, world: World, policy: Policy) => UnixSeconds | undefined;

const lifetime: SlotRule = (record) => lifetimeEndsSoonAt(record);

/**
 * The rules below leave a package alone until a relay has confirmed it: replacing it sooner helps nobody. One that
 * another copy has overwritten will never be confirmed.
 */
const replaceable = (record: KeyPackageRecord, world: World): boolean =>
  record.state === 'confirmed' || isOverwritten(world, record);

const requested: SlotRule = (record, world) =>
  replaceable(record, world) && record.generation < (world.meta.refreshBelow ?? 0) ? world.now : undefined;

const lowStock: SlotRule = (record, world, policy) => {
  const unused = pool(world, policy).filter((each) => each.kind === 'standard').length;
  return replaceable(record, world) && unused < Math.min(policy.lowStock, policy.standard)
    ? world.now
    : undefined;
};

/** The whole pool turns over when its newest published package has reached its renewal time. */
const age: SlotRule = (record, world, policy) => {
  if (!replaceable(record, world)) return undefined;
  const renewals = pool(world, policy)
    .filter((each) => each.state !== 'generated')
    .map((each) => each.renewAt);
  return Math.max(...renewals) as UnixSeconds;
};

const SLOT_RULES: readonly (readonly [StageReason, SlotRule])[] = [
  ['lifetime', lifetime],
  ['requested', requested],
  ['low_stock', lowStock],
  ['age', age],
];

function orderFor(
  world: World,
  policy: Policy,
  { slot, kind }: { slot: StageOrder['slot']; kind: StageOrder['kind'] },
): { order: StageOrder; at: UnixSeconds } {
  const record = slot === undefined ? undefined : currentPackage(world, slot);
  if (record === undefined) {
    const before = world.packages.some((each) => each.slot === slot && isQuarantined(world.meta, each));
    return { order: { slot, kind, reason: before ? 'quarantined' : 'slot_empty' }, at: world.now };
  }
  const wishes = SLOT_RULES.flatMap(([reason, rule]) => {
    const at = rule(record, world, policy);
    return at === undefined ? [] : [{ order: { slot, kind, reason }, at }];
  });
  const due = wishes.find((wish) => wish.at <= world.now);
  return due ?? wishes.reduce((first, wish) => (wish.at < first.at ? wish : first));
}

const lastDate = (world: World, order: StageOrder): UnixSeconds | undefined =>
  world.slots.find((slot) => slot.slot === order.slot)?.lastCreatedAt;

/** One batch for all slots that are due, and one decision for each later time. */
export function stagingDecisions(world: World, policy: Policy): Decision[] {
  const general = publicationObstacle(world) ?? slotsObstacle(world) ?? signingObstacle(world);
  const batches = new Map<
    string,
    { at: UnixSeconds; obstacle: Obstacle | undefined; orders: StageOrder[] }
  >();
  for (const wanted of wantedSlots(world, policy)) {
    const { order, at } = orderFor(world, policy, wanted);
    const due = at <= world.now;
    const obstacle = due ? (general ?? clockObstacle(world, lastDate(world, order))) : undefined;
    const key = due ? `now ${obstacle}` : `${at} ${order.reason}`;
    const batch = batches.get(key) ?? { at: due ? world.now : at, obstacle, orders: [] };
    batch.orders.push(order);
    batches.set(key, batch);
  }
  return [...batches.values()].map(({ at, obstacle, orders }) => ({
    rule: 'stage',
    reason: [...new Set(orders.map((order) => order.reason))].join(', '),
    at,
    action: { kind: 'stage', orders },
    ...(obstacle === undefined ? {} : { obstacle }),
  }));
}
