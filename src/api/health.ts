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

/** Since when each condition holds. */
export interface HealthMonitor {
  /** After a pass: remembers since when each condition holds, and logs when one begins and ends. */
  observe(world: World): Health;
  /** What is wrong at this moment; changes nothing. `live`: the engine's loop moves. */
  view(world: World, live: boolean): Health;
}

const STUCK: Condition = {
  code: 'engine_stuck',
  severity: 'error',
  dependsOn: 'engine',
  message: 'the engine does not come through its work: nothing is made, sent or erased',
  repair: 'restart dialogd, which takes up where it was',
};

export function createHealthMonitor(policy: Policy, log: Log): HealthMonitor {
  let known: ReadonlyMap<string, Warning> = new Map();
  let observedAt: UnixSeconds | undefined;

  const warningsIn = (world: World): ReadonlyMap<string, Warning> =>
    new Map(
      assess(world, policy).map((condition) => {
        const key = `${condition.code} ${condition.dependsOn}`;
        return [key, { ...condition, since: known.get(key)?.since ?? world.now }];
      }),
    );
  const report = (next: ReadonlyMap<string, Warning>, now: UnixSeconds): void => {
    for (const [key, { code, dependsOn, message, repair }] of next) {
      if (!known.has(key)) log.warn('condition_began', { code, dependsOn, message, repair });
    }
    for (const [key, { code, dependsOn, message, since }] of known) {
      if (!next.has(key)) log.info('condition_ended', { code, dependsOn, message, lastedSec: now - since });
    }
  };
  const healthOf = (world: World, warnings: readonly Warning[]): Health => ({
    state: stateOf(world, policy, warnings),
    warnings,
  });

  return {
    observe(world) {
      const next = warningsIn(world);
      if (!starting(world)) report(next, world.now);
      known = next;
      observedAt = world.now;
      return healthOf(world, [...next.values()]);
    },
    view(world, live) {
      const stuck = live ? [] : [{ ...STUCK, since: observedAt ?? world.now }];
      return healthOf(world, [...stuck, ...warningsIn(world).values()]);
    },
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
