import type { Decision } from '../decision.ts';
import type { Meta } from '../records.ts';
import { isOverwritten, type Policy, pool, type World } from './world.ts';

/** From here on nothing that was made so far counts as the pool or is sent again; its keys stay as usual. */
export const quarantined = (meta: Meta): Meta => ({ ...meta, quarantineBelow: meta.generation + 1 });

/**
 * A relay holds newer events in our slots that were not made here: this is an older copy of the state, or a second
 * one is running. What we hold may be used, erased or copied there, so the whole pool is replaced. Once in the life
 * of a process: two copies that both run would otherwise replace each other's packages for ever.
 */
export function quarantineDecisions(world: World, policy: Policy): Decision[] {
  const overwritten = pool(world, policy).filter((record) => isOverwritten(world, record));
  if (overwritten.length === 0 || world.session.quarantined) return [];
  return [
    {
      rule: 'quarantine',
      reason: `${overwritten.length} slots hold newer events that this copy did not sign`,
      at: world.now,
      action: { kind: 'quarantine' },
    },
  ];
}
