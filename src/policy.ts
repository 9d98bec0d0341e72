import type { Decision } from './decision.ts';
import { deliveryDecisions, readBackDecisions } from './delivery/delivery.ts';
import { plus, type UnixSeconds } from './ids.ts';
import { clockObstacle, signingObstacle } from './keypackages/obstacles.ts';
import { quarantineDecisions } from './keypackages/quarantine.ts';
import { eraseDecisions, keepUntilDecisions } from './keypackages/retention.ts';
import { stagingDecisions } from './keypackages/staging.ts';
import { type Policy, relaysInUse, type World } from './keypackages/world.ts';

const SWEEP_EVERY_SEC = 86_400;

type Rule = (world: World, policy: Policy) => Decision[];

/** The whole policy. Order matters only for reading: every rule sees the same world. */
const RULES: readonly Rule[] = [
  quarantineDecisions,
  eraseDecisions,
  keepUntilDecisions,
  listDecisions,
  stagingDecisions,
  deliveryDecisions,
  readBackDecisions,
  sweepDecisions,
];

export interface Plan {
  /** Due and unhindered: to be carried out now. */
  readonly actions: readonly Decision[];
  /** Due, but something named stands in the way. */
  readonly hindered: readonly Decision[];
  /** Later, soonest first. */
  readonly upcoming: readonly Decision[];
  /** When to decide again if nothing else happens before. */
  readonly wakeAt: UnixSeconds | undefined;
}

/** What to do now, what stands in the way of what, and what comes later. Pure and deterministic. */
export function decide(world: World, policy: Policy): Plan {
  const decisions = RULES.flatMap((rule) => rule(world, policy));
  const due = decisions.filter((decision) => decision.at <= world.now);
  const upcoming = decisions.filter((decision) => decision.at > world.now).sort((a, b) => a.at - b.at);
  const hindered = due.filter((decision) => decision.obstacle !== undefined);
  const retries = hindered.some((decision) => decision.obstacle === 'signer_absent')
    ? [world.session.signer?.retryAt]
    : [];
  const wakeAt = [
    ...upcoming.filter((decision) => decision.obstacle === undefined).map(({ at }) => at),
    ...retries,
  ]
    .filter((at) => at !== undefined)
    .reduce<UnixSeconds | undefined>(
      (first, at) => (first === undefined || at < first ? at : first),
      undefined,
    );
  return { actions: due.filter((decision) => decision.obstacle === undefined), hindered, upcoming, wakeAt };
}

/** Relay lists somebody asked for; an imported account's own lists are never overwritten unasked. */
function listDecisions(world: World): Decision[] {
  const wish = world.meta.relayListWish;
  if (wish === undefined) return [];
  const unread = relaysInUse(world.roles).some((relay) => !world.session.readBackAt.has(relay));
  const lastDate = Math.max(0, ...world.relayLists.map((event) => event.created_at)) as UnixSeconds;
  const obstacle =
    !wish.replace && unread ? 'lists_not_read' : (signingObstacle(world) ?? clockObstacle(world, lastDate));
  return [
    {
      rule: 'stage_lists',
      reason: wish.replace ? 'asked for' : 'asked for at init, and no relay holds any',
      at: world.now,
      action: { kind: 'stage_lists' },
      ...(obstacle === undefined ? {} : { obstacle }),
    },
  ];
}

function sweepDecisions(world: World): Decision[] {
  const at = world.meta.sweptAt === undefined ? world.now : plus(world.meta.sweptAt, SWEEP_EVERY_SEC);
  // A sweep in the future by more than its period: the clock went back since.
  const due = at > world.now + SWEEP_EVERY_SEC ? world.now : at;
  return [{ rule: 'sweep', reason: 'daily', at: due, action: { kind: 'sweep' } }];
}
