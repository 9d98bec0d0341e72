import { assess, notInvitable, stillConnecting } from '../health/assess.ts';
import { type Condition, starting } from '../health/condition.ts';
import { freshness } from '../health/supply-conditions.ts';
import type { UnixSeconds } from '../ids.ts';
import type { Result } from '../ipc/protocol/methods.ts';
import type { Policy, World } from '../keypackages/world.ts';
import type { Log } from '../ports.ts';

export interface Warning extends Condition {
  readonly since: UnixSeconds;
}

export interface Health {
  readonly state: 'healthy' | 'starting' | 'not_invitable' | 'degraded';
  readonly warnings: readonly Warning[];
}

/** `live`: the engine's loop moves. */
type HealthMonitor = (world: World, live: boolean) => Health;

const STUCK: Condition = {
  code: 'engine_stuck',
  severity: 'error',
  dependsOn: 'engine',
  message: 'the engine does not come through its work: nothing is made, sent or erased',
  repair: 'restart dialogd, which takes up where it was',
};

/** Remembers since when each condition holds, and logs when one begins and ends. */
export function createHealthMonitor(policy: Policy, log: Log): HealthMonitor {
  let known = new Map<string, Warning>();
  return (world, live) => {
    const next = new Map<string, Warning>();
    for (const condition of [...(live ? [] : [STUCK]), ...assess(world, policy)]) {
      const key = `${condition.code} ${condition.dependsOn}`;
      const before = known.get(key);
      next.set(key, { ...condition, since: before?.since ?? world.now });
      if (before === undefined && !starting(world)) {
        log.warn('condition_began', {
          code: condition.code,
          dependsOn: condition.dependsOn,
          message: condition.message,
          repair: condition.repair,
        });
      }
    }
    for (const [key, { code, dependsOn, message, since }] of known) {
      if (!next.has(key) && !starting(world)) {
        log.info('condition_ended', { code, dependsOn, message, lastedSec: world.now - since });
      }
    }
    known = next;
    return { state: stateOf(world, policy, [...next.values()]), warnings: [...next.values()] };
  };
}

/** What a start needs time for; anything else is wrong from the first second. */
const PASSING = new Set(['no_inbox_relay_connected', 'inbox_not_listening', 'no_confirmed_package']);

function stateOf(world: World, policy: Policy, conditions: readonly Condition[]): Health['state'] {
  const reason = notInvitable(world, policy);
  if (reason !== undefined) return starting(world) && PASSING.has(reason) ? 'starting' : 'not_invitable';
  if (conditions.length === 0) return stillConnecting(world) ? 'starting' : 'healthy';
  return starting(world) && conditions.every(({ code }) => code === 'pool_incomplete')
    ? 'starting'
    : 'degraded';
}

/** The three questions a supervisor of supervisors asks, and the reasons. */
export const healthReport = (
  world: World,
  policy: Policy,
  live: boolean,
  { state, warnings }: Health,
): Result<'daemon.health'> => ({
  live,
  ready: notInvitable(world, policy) === undefined,
  fresh: freshness(world, policy) === 'fresh',
  state,
  now: world.now,
  warnings: [...warnings],
});
