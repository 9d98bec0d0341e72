import * as nip19 from 'nostr-tools/nip19';
import { inWords } from '../durations.ts';
import { notInvitable } from '../health/assess.ts';
import { firstExpiry } from '../health/supply-conditions.ts';
import type { UnixSeconds } from '../ids.ts';
import { isListening, isRead } from '../invitations/inbox-facts.ts';
import type { Result } from '../ipc/protocol/methods.ts';
import { type Policy, pool, relaysInUse, type World } from '../keypackages/world.ts';
import type { Plan } from '../policy.ts';
import type { KeyPackageKind, KeyPackageRecord } from '../records.ts';
import type { Health } from './health.ts';
import { pendingView } from './inbox.ts';

type Status = Result<'daemon.status'>;

/** What a status needs besides the world: facts about this process. */
export interface Facts {
  readonly account: string;
  readonly version: string;
  /** When this process started, on its clock of then. */
  readonly startedAt: UnixSeconds;
  readonly seal: Status['seal'];
  readonly signerType: 'local' | 'remote';
  readonly guards: Status['guards'];
}

export function statusOf(world: World, plan: Plan, policy: Policy, health: Health, facts: Facts): Status {
  const { session } = world;
  const packages = pool(world, policy);
  const reason = notInvitable(world, policy);
  return {
    account: facts.account,
    npub: nip19.npubEncode(facts.account),
    health: { state: health.state, warnings: [...health.warnings] },
    startedAt: facts.startedAt,
    now: world.now,
    version: facts.version,
    pid: process.pid,
    seal: facts.seal,
    guards: facts.guards,
    signer: { type: facts.signerType, state: session.signer === undefined ? 'ready' : 'absent' },
    invitable: reason === undefined ? { yes: true } : { yes: false, reason },
    packages: {
      standard: supplyOf(packages, 'standard', policy.standard),
      lastResort: supplyOf(packages, 'last_resort', policy.lastResort),
      retained: world.packages.length - packages.length,
      ...datesOf(packages),
    },
    relays: relaysOf(world),
    inbox: {
      listening: isListening(world.inbox),
      caughtUp: isRead(world.inbox),
      pending: pendingView(world.inbox),
      counts: world.inbox.counts,
    },
    nextWakeAt: plan.wakeAt,
    statusLine: statusLine(world, policy, health),
  };
}

function supplyOf(packages: readonly KeyPackageRecord[], kind: KeyPackageKind, wanted: number) {
  const ofKind = packages.filter((record) => record.kind === kind);
  return {
    wanted,
    confirmed: ofKind.filter((record) => record.state === 'confirmed').length,
    total: ofKind.length,
  };
}

function datesOf(packages: readonly KeyPackageRecord[]): Partial<Status['packages']> {
  const publishedAt = packages.flatMap((record) => record.publishedAt ?? []);
  const confirmed = packages.filter((record) => record.state === 'confirmed');
  return {
    ...(publishedAt.length === 0
      ? {}
      : {
          oldestAt: Math.min(...publishedAt),
          newestAt: Math.max(...publishedAt),
          lastPublishedAt: Math.max(...publishedAt),
        }),
    firstExpiryAt: firstExpiry(packages),
    nextRefreshAt:
      confirmed.length === 0 ? undefined : Math.max(...confirmed.map((record) => record.renewAt)),
  };
}

function relaysOf({ roles, session }: World): Status['relays'] {
  const inUse = relaysInUse(roles);
  return {
    connected: inUse.filter((relay) => session.connected.has(relay)).length,
    total: inUse.length,
  };
}

/** One honest line: `11/11 published, oldest 5 h, first expiry 83 d, 3/3 relays`. */
export function statusLine(world: World, policy: Policy, health: Health): string {
  const packages = pool(world, policy);
  const relays = relaysOf(world);
  const wanted = policy.standard + policy.lastResort;
  const confirmed = packages.filter((record) => record.state === 'confirmed').length;
  const { oldestAt, firstExpiryAt } = datesOf(packages);
  const parts = [
    `${confirmed}/${wanted} published`,
    ...(oldestAt === undefined ? [] : [`oldest ${inWords(world.now - oldestAt)}`]),
    ...(firstExpiryAt === undefined ? [] : [`first expiry ${inWords(firstExpiryAt - world.now)}`]),
    `${relays.connected}/${relays.total} relays`,
  ];
  const worst = health.warnings.find((warning) => warning.severity === 'error');
  return worst === undefined ? parts.join(', ') : `${worst.message}; ${parts.join(', ')}`;
}
