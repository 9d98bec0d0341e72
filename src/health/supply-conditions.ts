import { inUtc } from '../durations.ts';
import { plus, type UnixSeconds } from '../ids.ts';
import { type Policy, standing, type World } from '../keypackages/world.ts';
import type { KeyPackageRecord } from '../records.ts';
import type { Condition, ConditionCode } from './condition.ts';

const EXPIRING_SEC = 3 * 86_400;
/** A refresh is given this long, or half of the interval where that is shorter. */
const OVERDUE_SEC = 3_600;

/**
 * Where the newest confirmed package stands with the age policy; undefined without any. `stale_soon`: its
 * renewal is overdue; `stale`: it is older than twice the interval. A daemon that works is always `fresh`.
 */
export function freshness(world: World, policy: Policy): 'fresh' | 'stale_soon' | 'stale' | undefined {
  const confirmed = standing(world, policy);
  if (confirmed.length === 0) return undefined;
  const newest = Math.max(...confirmed.map((record) => record.stagedAt));
  if (world.now - newest > 2 * policy.refreshAfterSec) return 'stale';
  const renewAt = Math.max(...confirmed.map((record) => record.renewAt));
  return world.now - renewAt > Math.min(OVERDUE_SEC, policy.refreshAfterSec / 2) ? 'stale_soon' : 'fresh';
}

/** What is wrong with the pool of KeyPackages. */
export function supplyConditions(world: World, policy: Policy): Condition[] {
  const ready = standing(world, policy);
  const wanted = policy.standard + policy.lastResort;
  const first = firstExpiry(ready);
  const age = freshness(world, policy);
  return [
    ...(age === 'stale' ? [about('stale', 'the newest KeyPackages are older than twice refresh_after')] : []),
    ...(age === 'stale_soon' ? [about('stale_soon', 'the refresh of the KeyPackages is overdue')] : []),
    ...(ready.length < wanted
      ? [about('pool_incomplete', `${ready.length} of ${wanted} KeyPackages are confirmed`)]
      : []),
    ...(first !== undefined && first <= plus(world.now, EXPIRING_SEC) && policy.lifetimeSec > EXPIRING_SEC
      ? [about('expiring', 'a published KeyPackage is about to expire and has not been replaced')]
      : []),
    ...afterRestore(world, ready.length, wanted),
  ];
}

/** Until the first pool since then stands: what was in the backup may have been used or erased after it was made. */
function afterRestore({ meta }: World, replaced: number, wanted: number): Condition[] {
  const { restored, generation, quarantineBelow = 0 } = meta;
  if (restored === undefined || generation > quarantineBelow || replaced >= wanted) return [];
  const since = `restored from a backup of ${inUtc(restored.backupAt)}`;
  return [about('restored', `${since}: ${replaced} of ${wanted} KeyPackages are replaced so far`)];
}

const about = (code: ConditionCode, message: string): Condition => ({
  code,
  severity: code === 'stale' ? 'error' : 'warning',
  dependsOn: 'key_packages',
  message,
  repair: 'dialogctl keys explain',
});

/** End of the Lifetime that ends first; undefined without packages. */
export const firstExpiry = (packages: readonly KeyPackageRecord[]): UnixSeconds | undefined =>
  packages.reduce<UnixSeconds | undefined>(
    (first, { notAfter }) => (first === undefined || notAfter < first ? notAfter : first),
    undefined,
  );
