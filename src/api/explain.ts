import type { Action, Decision } from '../decision.ts';
import { short, type UnixSeconds } from '../ids.ts';
import type { Result } from '../ipc/protocol/methods.ts';
import type { Plan } from '../policy.ts';

type Explanation = Result<'keyPackages.explain'>;

/** The plan in words: what is due, what stands in its way, what comes later. */
export function explain(plan: Plan, now: UnixSeconds): Explanation {
  return {
    now,
    actions: [...plan.actions, ...plan.hindered].map(line),
    next: plan.upcoming.map(line),
    nextWakeAt: plan.wakeAt,
  };
}

function line({ rule, reason, at, action, obstacle }: Decision): Explanation['actions'][number] {
  const waiting = obstacle === undefined ? '' : ` (waits: ${obstacle})`;
  return { rule, what: action.kind, subject: subjectOf(action), reason: `${reason}${waiting}`, at };
}

function subjectOf(action: Action): string {
  switch (action.kind) {
    case 'stage':
      return `${action.orders.length} slots`;
    case 'deliver':
      return `${action.eventIds.length} events to ${action.relay}`;
    case 'read_back':
      return action.relay;
    case 'erase':
    case 'keep_until':
      return short(action.ref);
    case 'stage_lists':
      return 'kinds 10002 and 10050';
    case 'quarantine':
      return 'every KeyPackage made so far';
    case 'sweep':
      return 'old notices, gift wraps and tombstones';
  }
}
