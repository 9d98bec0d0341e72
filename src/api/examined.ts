import type { Result } from '../ipc/protocol/methods.ts';
import type { Policy, World } from '../keypackages/world.ts';
import type { Plan } from '../policy.ts';
import type { Log } from '../ports.ts';
import { createHealthMonitor, type Health, healthReport } from './health.ts';
import { type Facts, statusOf } from './status.ts';

/** One look at everything, in the forms in which it is told. */
export interface Examined {
  readonly world: World;
  readonly health: Health;
  readonly status: Result<'daemon.status'>;
  readonly report: Result<'daemon.health'>;
}

/** `live`: the engine's loop moves. */
export type Examine = (world: World, plan: Plan, live: boolean) => Examined;

export function createExamination(policy: Policy, log: Log, facts: Facts): Examine {
  const monitor = createHealthMonitor(policy, log);
  return (world, plan, live) => {
    const health = monitor(world, live);
    return {
      world,
      health,
      status: statusOf(world, plan, policy, health, facts),
      report: healthReport(world, policy, live, health),
    };
  };
}
