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
      const key = `${condition.code} ${condition.subject ?? ''}`;
      const before = known.get(key);
      next.set(key, { ...condition, since: before?.since ?? world.now });
      if (before === undefined && !starting(world)) {
        log.warn('condition_began', {
          code: condition.code,
          relay: condition.subject,
          message: condition.message,
          repair: condition.repair,
        });
      }
    }
    for (const [key, { code, subject, message, since }] of known) {
      if (!next.has(key) && !starting(world)) {
        log.info('condition_ended', { code, relay: subject, message, lastedSec: world.now - since });
      }
    }
    known = next;
    return { state: stateOf(world, policy, [...next.values()]), warnings: [...next.values()] };
  };
}

/** What a start needs time for; anything else is wrong from the first second. */
const PASSING = new Set(['no_inbox_relay_connected', 'inbox_not_read', 'no_confirmed_package']);

function stateOf(world: World, policy: Policy, conditions: readonly Condition[]): Health['state'] {
  const reason = notInvitable(world, policy);
  if (reason !== undefined) return starting(world) && PASSING.has(reason) ? 'starting' : 'not_invitable';
  if (conditions.length === 0) return 'healthy';
  return starting(world) && conditions.every(({ code }) => code === 'pool_incomplete')
    ? 'starting'
    : 'degraded';
}
