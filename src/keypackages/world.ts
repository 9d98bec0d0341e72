import type { KeyPackageRef, RelayUrl, Seconds, SlotId, UnixSeconds } from '../ids.ts';
import type { InboxFacts } from '../invitations/inbox-facts.ts';
import type { DiskFacts } from '../ports.ts';
import type {
  KeyPackageKind,
  KeyPackageRecord,
  Meta,
  NostrEvent,
  OutboxEntry,
  SlotRecord,
} from '../records.ts';

/** What this process knows and forgets when it ends. */
export interface Session {
  readonly startedAt: UnixSeconds;
  readonly connected: ReadonlySet<RelayUrl>;
  /** Those of them that have answered something on this connection. */
  readonly answering: ReadonlySet<RelayUrl>;
  /** Those whose stored events have been read to the end on this connection. */
  readonly caughtUp: ReadonlySet<RelayUrl>;
  /** When our own events were last read back whole over the present connection. */
  readonly readBackAt: ReadonlyMap<RelayUrl, UnixSeconds>;
  /** When the last read-back over the present connection failed. */
  readonly readBackFailedAt: ReadonlyMap<RelayUrl, UnixSeconds>;
  /** KeyPackage events in our slots that this copy did not sign, at the last read-back; relays with any. */
  readonly foreign: ReadonlyMap<RelayUrl, number>;
  /** This process has quarantined what another copy overwrote: it does so once and leaves the rest to a person. */
  readonly quarantined: boolean;
  /** Keys of the jobs under way (`jobKey`). */
  readonly busy: ReadonlySet<string>;
  /** Set while the signer is away or refuses: since when, why, and when to ask it again. */
  readonly signer:
    | { readonly since: UnixSeconds; readonly reason: string; readonly retryAt: UnixSeconds }
    | undefined;
  /** Local clock minus the relays' clocks (median), where they told. */
  readonly clockOffsetSec: number | undefined;
}

/** Where things are published and awaited. */
export interface RelayRoles {
  /** NIP-65 write relays: KeyPackages go here. undefined: no kind 10002 is known. */
  readonly write: readonly RelayUrl[] | undefined;
  /** NIP-17 inbox relays: Welcomes come here. undefined: no kind 10050 is known. */
  readonly inbox: readonly RelayUrl[] | undefined;
  readonly bootstrap: readonly RelayUrl[];
}

/** Everything a decision depends on, read once per pass. */
export interface World {
  readonly now: UnixSeconds;
  readonly meta: Meta;
  readonly slots: readonly SlotRecord[];
  /** Packages whose private keys are in the store. */
  readonly packages: readonly KeyPackageRecord[];
  readonly outbox: readonly OutboxEntry[];
  readonly relayLists: readonly NostrEvent[];
  readonly inbox: InboxFacts;
  readonly roles: RelayRoles;
  readonly disk: DiskFacts;
  readonly session: Session;
}

export interface Policy {
  readonly standard: number;
  readonly lastResort: number;
  readonly refreshAfterSec: Seconds;
  readonly lowStock: number;
  readonly lifetimeSec: Seconds;
}

/** Every relay the account uses, each once. */
export function relaysInUse(roles: RelayRoles): RelayUrl[] {
  return [...new Set([...(roles.write ?? []), ...(roles.inbox ?? []), ...roles.bootstrap])];
}

const LIVE = new Set(['generated', 'published', 'confirmed']);

/** The package may have been used, erased or copied elsewhere: only invitations to it still count. */
export const isQuarantined = ({ quarantineBelow = 0 }: Meta, record: KeyPackageRecord): boolean =>
  record.generation < quarantineBelow;

/** A relay holds a newer event of the slot that was not made here. */
export const isOverwritten = ({ slots }: World, record: KeyPackageRecord): boolean =>
  slots.some(({ slot, lastCreatedAt }) => slot === record.slot && lastCreatedAt > record.createdAt);

/** The package a peer should find in this slot: the newest that is not used, replaced, ended or quarantined. */
export function currentPackage(world: World, slot: SlotId): KeyPackageRecord | undefined {
  return world.packages
    .filter((record) => record.slot === slot && LIVE.has(record.state) && record.notAfter > world.now)
    .filter((record) => !isQuarantined(world.meta, record))
    .reduce<KeyPackageRecord | undefined>(
      (newest, record) => (newest === undefined || record.createdAt > newest.createdAt ? record : newest),
      undefined,
    );
}

/** The slots the policy fills, in a stable order: the first N of each kind. */
export function wantedSlots(
  world: World,
  policy: Policy,
): { slot: SlotId | undefined; kind: KeyPackageKind }[] {
  return (['standard', 'last_resort'] as const).flatMap((kind) => {
    const have = world.slots.filter((record) => record.kind === kind).map((record) => record.slot);
    const want = kind === 'standard' ? policy.standard : policy.lastResort;
    return Array.from({ length: want }, (_, index) => ({ slot: have[index], kind }));
  });
}

/** The current packages of the wanted slots. */
export function pool(world: World, policy: Policy): KeyPackageRecord[] {
  return wantedSlots(world, policy).flatMap(({ slot }) => {
    const record = slot === undefined ? undefined : currentPackage(world, slot);
    return record === undefined ? [] : [record];
  });
}

/** What a stranger finds in the wanted slots: confirmed, and not unseated by a successor that is still on its way. */
export function standing(world: World, policy: Policy): KeyPackageRecord[] {
  const stands = (record: KeyPackageRecord): boolean =>
    record.state === 'confirmed' && record.notAfter > world.now && !isQuarantined(world.meta, record);
  return wantedSlots(world, policy).flatMap(
    ({ slot }) => world.packages.find((record) => record.slot === slot && stands(record)) ?? [],
  );
}

export function entryOf(world: World, ref: KeyPackageRef): OutboxEntry | undefined {
  return world.outbox.find((entry) => entry.subject.kind === 'key_package' && entry.subject.ref === ref);
}
