import { plus, type RelayUrl, type UnixSeconds } from '../ids.ts';
import type { Delivery, KeyPackageRecord } from '../records.ts';
import { type Policy, relaysInUse, standing, type World } from './world.ts';

export type ConditionCode =
  | 'not_invitable'
  | 'pool_incomplete'
  | 'expiring'
  | 'relay_down'
  | 'relay_rejects'
  | 'relay_lost_package'
  | 'relay_serves_older'
  | 'signer_absent'
  | 'clock_skew';

/** Something that is not as it should be, in words a person acts on. */
export interface Condition {
  readonly code: ConditionCode;
  readonly severity: 'warning' | 'error';
  /** The relay it is about, where it is about one. */
  readonly subject?: RelayUrl;
  readonly message: string;
  /** The command or setting that mends it. */
  readonly repair: string;
}

/** Why a stranger cannot find or invite the account. */
export type NotInvitableReason =
  | 'no_relay_lists'
  | 'no_write_relays'
  | 'no_inbox_relays'
  | 'no_relays_known'
  | 'no_inbox_relay_connected'
  | 'inbox_not_read'
  | 'no_confirmed_package';

/** Right after a start things are under way, not wrong. */
const STARTING_SEC = 60;
/** Peers and relays refuse what is dated further off than this. */
const MAX_CLOCK_OFFSET_SEC = 300;
const EXPIRING_SEC = 3 * 86_400;
const PUBLISH_LISTS = 'dialogctl relays publish-lists --write URL --inbox URL';

export function notInvitable(world: World, policy: Policy): NotInvitableReason | undefined {
  const { roles, session } = world;
  if (relaysInUse(roles).length === 0) return 'no_relays_known';
  if (roles.write === undefined || roles.inbox === undefined) return 'no_relay_lists';
  if (roles.write.length === 0) return 'no_write_relays';
  if (roles.inbox.length === 0) return 'no_inbox_relays';
  if (!roles.inbox.some((relay) => session.connected.has(relay))) return 'no_inbox_relay_connected';
  if (!session.inboxCaughtUp) return 'inbox_not_read';
  if (standing(world, policy).length === 0) return 'no_confirmed_package';
  return undefined;
}

const EXPLANATIONS: Readonly<Record<NotInvitableReason, readonly [message: string, repair: string]>> = {
  no_relays_known: [
    'no relay is configured',
    'set relays.bootstrap in the configuration and restart dialogd',
  ],
  no_relay_lists: ['the account has no relay list (kind 10002 or 10050) on the relays in use', PUBLISH_LISTS],
  no_write_relays: ['the relay list of kind 10002 names no write relay', PUBLISH_LISTS],
  no_inbox_relays: ['the relay list of kind 10050 names no relay', PUBLISH_LISTS],
  no_inbox_relay_connected: ['no inbox relay is connected', 'dialogctl relays list'],
  inbox_not_read: ['the inbox has not been read to the end yet', 'dialogctl relays list'],
  no_confirmed_package: ['no relay has confirmed a KeyPackage', 'dialogctl keys explain'],
};

/** Everything that is wrong now, worst first. Pure. */
export function assess(world: World, policy: Policy): Condition[] {
  const conditions = [
    ...reachability(world, policy),
    ...signerAndClock(world),
    ...relayTroubles(world),
    ...supply(world, policy),
  ];
  return conditions.sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'));
}

/** True while what is missing can still be the start itself. */
export const starting = (world: World): boolean =>
  world.now >= world.session.startedAt && world.now < plus(world.session.startedAt, STARTING_SEC);

function reachability(world: World, policy: Policy): Condition[] {
  const reason = notInvitable(world, policy);
  if (reason === undefined) return [];
  const [message, repair] = EXPLANATIONS[reason];
  return [{ code: 'not_invitable', severity: 'error', message: `not invitable: ${message}`, repair }];
}

function signerAndClock({ session, slots, now }: World): Condition[] {
  const conditions: Condition[] = [];
  if (session.signer !== undefined) {
    conditions.push({
      code: 'signer_absent',
      severity: 'error',
      message: `the signer does not sign (${session.signer.reason})`,
      repair: 'make the signer reachable; it is asked again by itself',
    });
  }
  const offset = session.clockOffsetSec ?? 0;
  const ahead = Math.max(0, ...slots.map((slot) => slot.lastCreatedAt)) - now;
  if (Math.abs(offset) > MAX_CLOCK_OFFSET_SEC || ahead > MAX_CLOCK_OFFSET_SEC) {
    const by = Math.abs(offset) > MAX_CLOCK_OFFSET_SEC ? offset : -ahead;
    const minutes = Math.round(Math.abs(by) / 60);
    conditions.push({
      code: 'clock_skew',
      severity: 'error',
      message: `the clock of this machine is ${minutes} min ${by > 0 ? 'ahead of' : 'behind'} ${offset === by ? 'the relays' : 'our own last events'}`,
      repair: 'set the clock (timedatectl set-ntp true)',
    });
  }
  return conditions;
}

function relayTroubles(world: World): Condition[] {
  if (starting(world)) return [];
  const down = relaysInUse(world.roles)
    .filter((relay) => !world.session.connected.has(relay))
    .map(
      (relay): Condition => ({
        code: 'relay_down',
        severity: 'warning',
        subject: relay,
        message: `${relay} is not connected`,
        repair: 'dialogctl relays list',
      }),
    );
  return [...down, ...answers(world)];
}

/** One condition per relay and kind of trouble, however many events it concerns. */
function answers(world: World): Condition[] {
  const found = new Map<string, Condition>();
  for (const entry of world.outbox) {
    for (const [relay, delivery] of Object.entries(entry.deliveries) as [RelayUrl, Delivery][]) {
      const code = troubleOf(delivery.outcome, delivery.detail);
      if (code === undefined || delivery.outcome === 'accepted') continue;
      const message = {
        relay_rejects: `${relay} refuses our events (${delivery.detail ?? 'no reason given'})`,
        relay_lost_package: `${relay} lost KeyPackages it had accepted; they are sent again`,
        relay_serves_older: `${relay} serves older KeyPackages than it has accepted; they are sent again`,
      }[code];
      const repair =
        'if this lasts, choose another relay: dialogctl relays publish-lists --write URL --inbox URL';
      found.set(`${relay} ${code}`, { code, severity: 'warning', subject: relay, message, repair });
    }
  }
  return [...found.values()];
}

function troubleOf(outcome: string, detail: string | undefined) {
  if (outcome === 'rejected') return 'relay_rejects';
  return detail === 'relay_lost_package' || detail === 'relay_serves_older' ? detail : undefined;
}

function supply(world: World, policy: Policy): Condition[] {
  const ready = standing(world, policy);
  const wanted = policy.standard + policy.lastResort;
  const conditions: Condition[] = [];
  if (ready.length < wanted) {
    conditions.push({
      code: 'pool_incomplete',
      severity: 'warning',
      message: `${ready.length} of ${wanted} KeyPackages are confirmed`,
      repair: 'dialogctl keys explain',
    });
  }
  const first = firstExpiry(ready);
  if (first !== undefined && first <= plus(world.now, EXPIRING_SEC) && policy.lifetimeSec > EXPIRING_SEC) {
    conditions.push({
      code: 'expiring',
      severity: 'warning',
      message: 'a published KeyPackage is about to expire and has not been replaced',
      repair: 'dialogctl keys explain',
    });
  }
  return conditions;
}

/** End of the Lifetime that ends first; undefined without packages. */
export const firstExpiry = (packages: readonly KeyPackageRecord[]): UnixSeconds | undefined =>
  packages.reduce<UnixSeconds | undefined>(
    (first, { notAfter }) => (first === undefined || notAfter < first ? notAfter : first),
    undefined,
  );
