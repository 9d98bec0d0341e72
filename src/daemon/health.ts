import type { UnixSeconds } from '../ids.ts';
import { assess, type Condition, notInvitable, starting } from '../keypackages/health.ts';
import type { Policy, World } from '../keypackages/world.ts';
import type { Log } from '../ports.ts';

export interface Warning extends Condition {
  readonly since: UnixSeconds;
}

export interface Health {
  readonly state: 'healthy' | 'starting' | 'not_invitable' | 'degraded';
  readonly warnings: readonly Warning[];
}

/** Remembers since when each condition holds, and logs when one begins and ends. */
export function createHealthMonitor(policy: Policy, log: Log): (world: World) => Health {
  let known = new Map<string, Warning>();
  return (world) => {
    const next = new Map<string, Warning>();
    for (const condition of assess(world, policy)) {
      const key = `${condition.code} ${condition.message}`;
      const before = known.get(key);
      next.set(key, { ...condition, since: before?.since ?? world.now });
      if (before === undefined && !starting(world)) {
        log.warn('condition_began', {
          code: condition.code,
          message: condition.message,
          repair: condition.repair,
        });
      }
    }
    for (const [key, { code, message, since }] of known) {
      if (!next.has(key) && !starting(world)) {
        log.info('condition_ended', { code, message, lastedSec: world.now - since });
      }
    }
    known = next;
    return { state: stateOf(world, policy, next.size), warnings: [...next.values()] };
  };
}

function stateOf(world: World, policy: Policy, warnings: number): Health['state'] {
  const reason = notInvitable(world, policy);
  // Only what a start needs time for; a missing relay list is wrong from the first second.
  const passing = ['no_inbox_relay_connected', 'inbox_not_read', 'no_confirmed_package'];
  if (reason === undefined) return warnings === 0 ? 'healthy' : 'degraded';
  return starting(world) && passing.includes(reason) ? 'starting' : 'not_invitable';
}
