import { isListening } from '../invitations/inbox-facts.ts';
import { type Policy, relaysInUse, standing, type World } from '../keypackages/world.ts';
import { type Condition, starting } from './condition.ts';
import { inboxConditions } from './inbox-conditions.ts';
import { machineConditions } from './machine-conditions.ts';
import { relayConditions } from './relay-conditions.ts';
import { supplyConditions } from './supply-conditions.ts';

/** Why a stranger cannot find or invite the account. */
export type NotInvitableReason =
  | 'no_relay_lists'
  | 'no_write_relays'
  | 'no_inbox_relays'
  | 'no_relays_known'
  | 'no_inbox_relay_connected'
  | 'inbox_not_listening'
  | 'no_confirmed_package';

const PUBLISH_LISTS = 'dialogctl relays publish-lists --write URL --inbox URL';

export function notInvitable(world: World, policy: Policy): NotInvitableReason | undefined {
  const { roles, session } = world;
  if (relaysInUse(roles).length === 0) return 'no_relays_known';
  if (roles.write === undefined || roles.inbox === undefined) return 'no_relay_lists';
  if (roles.write.length === 0) return 'no_write_relays';
  if (roles.inbox.length === 0) return 'no_inbox_relays';
  if (!roles.inbox.some((relay) => session.answering.has(relay))) return 'no_inbox_relay_connected';
  if (!isListening(world.inbox)) return 'inbox_not_listening';
  if (standing(world, policy).length === 0) return 'no_confirmed_package';
  return undefined;
}

type Explanation = readonly [dependsOn: Condition['dependsOn'], message: string, repair: string];

const EXPLANATIONS: Readonly<Record<NotInvitableReason, Explanation>> = {
  no_relays_known: [
    'configuration',
    'no relay is configured',
    'set relays.bootstrap in the configuration and restart dialogd',
  ],
  no_relay_lists: [
    'relay_lists',
    'the account has no relay list (kind 10002 or 10050) on the relays in use',
    PUBLISH_LISTS,
  ],
  no_write_relays: ['relay_lists', 'the relay list of kind 10002 names no write relay', PUBLISH_LISTS],
  no_inbox_relays: ['relay_lists', 'the relay list of kind 10050 names no relay', PUBLISH_LISTS],
  no_inbox_relay_connected: ['inbox', 'no inbox relay answers', 'dialogctl relays list'],
  inbox_not_listening: ['inbox', 'no inbox relay pushes gift wraps to us yet', 'dialogctl relays list'],
  no_confirmed_package: ['key_packages', 'no relay has confirmed a KeyPackage', 'dialogctl keys explain'],
};

/** Everything that is wrong now, worst first. Pure. */
export function assess(world: World, policy: Policy): Condition[] {
  const conditions = [
    ...reachability(world, policy),
    ...machineConditions(world),
    ...inboxConditions(world),
    ...relayConditions(world),
    ...supplyConditions(world, policy),
  ];
  return conditions.sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'));
}

function reachability(world: World, policy: Policy): Condition[] {
  const reason = notInvitable(world, policy);
  if (reason === undefined) return [];
  const [dependsOn, message, repair] = EXPLANATIONS[reason];
  return [
    { code: 'not_invitable', severity: 'error', dependsOn, message: `not invitable: ${message}`, repair },
  ];
}

/** A start that is not done: some relay in use has not answered yet, and has had no time to. */
export const stillConnecting = (world: World): boolean =>
  starting(world) && relaysInUse(world.roles).some((relay) => !world.session.caughtUp.has(relay));
