import type { Decision } from '../decision.ts';
import { plus, type UnixSeconds } from '../ids.ts';
import { isRead } from '../invitations/inbox-facts.ts';
import type { KeyPackageRecord } from '../records.ts';
import { possibleHolders } from './record.ts';
import { entryOf, isQuarantined, type World } from './world.ts';

/** Unconsumed packages of this many newest generations of a slot keep their private keys. */
const RETAINED_GENERATIONS = 2;
/** After a start the inbox is read before keys are swept, but not longer than this (protocol.md section 7). */
const READ_FIRST_SEC = 120;

const newerInSlot = (world: World, record: KeyPackageRecord): KeyPackageRecord[] =>
  world.packages.filter((each) => each.slot === record.slot && each.createdAt > record.createdAt);

/**
 * True when no peer can be served this package any more: every relay that holds it or may hold it has accepted
 * a newer event of the slot. Counting from the first relay's answer would lose Welcomes.
 */
function replacedEverywhere(world: World, record: KeyPackageRecord): boolean {
  const newer = newerInSlot(world, record).map((each) => entryOf(world, each.ref));
  // Another copy may have sent it where this one has not.
  const elsewhere = isQuarantined(world.meta, record) ? (world.roles.write ?? []) : [];
  return [...possibleHolders(entryOf(world, record.ref)), ...elsewhere].every((relay) =>
    newer.some((entry) => entry?.deliveries[relay]?.outcome === 'accepted'),
  );
}

function outOfRetention(world: World, record: KeyPackageRecord): boolean {
  const confirmedNewer = newerInSlot(world, record).filter((each) => each.confirmedAt !== undefined);
  return confirmedNewer.length >= RETAINED_GENERATIONS;
}

/** C4: fixes when a retired package's keys go. */
export function keepUntilDecisions(world: World): Decision[] {
  return world.packages
    .filter((record) => record.state === 'retired' && record.keepUntil === undefined)
    .filter((record) => outOfRetention(world, record) && replacedEverywhere(world, record))
    .map((record) => ({
      rule: 'keep_until',
      reason: 'replaced on every relay and out of the retained generations',
      at: world.now,
      action: { kind: 'keep_until', ref: record.ref, at: world.now },
    }));
}

/** C5: keys go when their time has come, and at `not_after` whatever else holds. */
export function eraseDecisions(world: World): Decision[] {
  const { session } = world;
  const earliest = isRead(world.inbox) ? session.startedAt : plus(session.startedAt, READ_FIRST_SEC);
  return world.packages.map((record) => {
    const kept = record.keepUntil !== undefined && record.keepUntil < record.notAfter;
    const end = kept ? (record.keepUntil as UnixSeconds) : record.notAfter;
    return {
      rule: 'erase',
      reason: kept ? 'kept long enough' : 'end of its Lifetime',
      at: Math.max(end, earliest) as UnixSeconds,
      action: { kind: 'erase', ref: record.ref, cause: kept ? causeOf(record) : 'expired' },
    };
  });
}

function causeOf(record: KeyPackageRecord): 'consumed' | 'revoked' | 'replaced' {
  if (record.state === 'used') return 'consumed';
  return record.state === 'revoked' ? 'revoked' : 'replaced';
}
