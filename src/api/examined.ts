import type { Result } from '../ipc/protocol/methods.ts';
import type { Policy, World } from '../keypackages/world.ts';
import type { Log } from '../ports.ts';
import { createHealthMonitor, type Health, healthReport } from './health.ts';
import type { Pass } from './passes.ts';
import { type Facts, statusOf } from './status.ts';

/** One look at everything, in the forms in which it is told. */
export interface Examined {
  readonly world: World;
  readonly health: Health;
  readonly status: Result<'daemon.status'>;
  readonly report: Result<'daemon.health'>;
}

export interface Examination {
  /** After a pass: what has changed is remembered and logged. */
  observe(pass: Pass): Examined;
  /** At any moment; changes nothing. `live`: the engine's loop moves. */
  view(pass: Pass, live: boolean): Examined;
}

export function createExamination(policy: Policy, log: Log, facts: Facts): Examination {
  const monitor = createHealthMonitor(policy, log);
  const examined = ({ world, plan }: Pass, live: boolean, health: Health): Examined => ({
    world,
    health,
    status: statusOf(world, plan, policy, health, facts),
    report: healthReport(world, policy, live, health),
  });
  return {
    observe: (pass) => examined(pass, true, monitor.observe(pass.world)),
    view: (pass, live) => examined(pass, live, monitor.view(pass.world, live)),
  };
}
