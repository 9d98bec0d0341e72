import type { Decision } from '../../src/decision.ts';
import type { EventId, KeyPackageRef, RelayUrl, Seconds, SlotId, UnixSeconds } from '../../src/ids.ts';
import type { InboxFacts } from '../../src/invitations/inbox-facts.ts';
import type { Policy, Session, World } from '../../src/keypackages/world.ts';
import { decide } from '../../src/policy.ts';
import type { Disk, DiskFacts } from '../../src/ports.ts';
import type { Delivery, KeyPackageRecord, NostrEvent, OutboxEntry } from '../../src/records.ts';

export const NOW = 1_800_000_000 as UnixSeconds;
export const HOUR = 3_600;
export const DAY = 24 * HOUR;
export const RELAY_A = 'ws://a.example' as RelayUrl;
export const RELAY_B = 'ws://b.example' as RelayUrl;

export const POLICY: Policy = {
  standard: 2,
  lastResort: 1,
  refreshAfterSec: DAY as Seconds,
  lowStock: 5,
  lifetimeSec: (84 * DAY) as Seconds,
};

const hexOf = (text: string): string => Buffer.from(text).toString('hex').padEnd(64, '0').slice(0, 64);
const slotId = (name: string): SlotId => hexOf(name) as SlotId;
export const at = (instant: number): UnixSeconds => instant as UnixSeconds;

export const acceptedAt = (instant: number, seen = true): Delivery => ({
  outcome: 'accepted',
  at: at(instant),
  attempts: 1,
  mayHold: true,
  ...(seen ? { seenAt: at(instant) } : {}),
});

/** A package of `slot` with its outbox entry, as if made `ageSec` ago and taken by the relays named. */
export function packageOf(
  slot: string,
  ageSec: number,
  parts: Partial<KeyPackageRecord> & { deliveries?: Record<string, Delivery> } = {},
): { record: KeyPackageRecord; entry: OutboxEntry } {
  const { deliveries = { [RELAY_A]: acceptedAt(NOW - ageSec) }, ...rest } = parts;
  const made = NOW - ageSec;
  const name = `${slot} ${made}`;
  const record: KeyPackageRecord = {
    ref: hexOf(`ref ${name}`) as KeyPackageRef,
    slot: slotId(slot),
    kind: slot.startsWith('last') ? 'last_resort' : 'standard',
    state: 'confirmed',
    generation: 1,
    eventId: hexOf(`event ${name}`) as EventId,
    createdAt: at(made),
    notBefore: at(made - HOUR),
    notAfter: at(made + 84 * DAY),
    stagedAt: at(made),
    renewAt: at(made + DAY),
    confirmedAt: at(made),
    ...rest,
  };
  const event = { id: record.eventId, kind: 30443, created_at: record.createdAt, tags: [['d', record.slot]] };
  const entry: OutboxEntry = {
    event: event as unknown as NostrEvent,
    subject: { kind: 'key_package', ref: record.ref, slot: record.slot },
    stagedAt: record.stagedAt,
    deliveries,
  };
  return { record, entry };
}

type Package = ReturnType<typeof packageOf>;

/** A full, fresh pool of the policy above. */
export const freshPool = (ageSec = HOUR): Package[] =>
  ['one', 'two', 'last'].map((slot) => packageOf(slot, ageSec));

const WIDE: DiskFacts = { freeBytes: 1e12, totalBytes: 2e12, trouble: undefined };
/** A disk that is never full and never fails. */
export const wideDisk: Disk = { look: async () => WIDE };

/** An inbox that listens and has read everything. */
export const readInbox: InboxFacts = {
  listening: new Set([RELAY_A]),
  read: new Set([RELAY_A]),
  kept: { count: 0, bytes: 0 },
  limit: { count: 20_000, bytes: 64 * 1024 * 1024 },
  unopened: 0,
  invitations: 0,
  turnedAway: 0,
  flooded: false,
  seen: 0,
  skipped: {},
  troubles: new Map(),
  counts: {},
};
/** One that does neither. */
export const deafInbox: InboxFacts = { ...readInbox, listening: new Set(), read: new Set() };
/** One that listens and is still being read. */
export const unreadInbox: InboxFacts = { ...readInbox, read: new Set() };

/** A world in which nothing is left to do, but for what the parts change. */
export function worldOf(
  packages: readonly Package[],
  parts: Partial<Omit<World, 'session'>> & { session?: Partial<Session> } = {},
): World {
  const { session, ...rest } = parts;
  const slots = [...new Map(packages.map(({ record }) => [record.slot, record.kind]))];
  return {
    now: NOW,
    meta: { generation: 1, sweptAt: NOW },
    slots: slots.map(([slot, kind]) => ({
      slot,
      kind,
      lastCreatedAt: at(
        Math.max(...packages.filter((p) => p.record.slot === slot).map((p) => p.record.createdAt)),
      ),
    })),
    packages: packages.map(({ record }) => record),
    outbox: packages.map(({ entry }) => entry),
    relayLists: [],
    inbox: readInbox,
    disk: WIDE,
    roles: { write: [RELAY_A], inbox: [RELAY_A], bootstrap: [] },
    ...rest,
    session: {
      startedAt: at(NOW - HOUR),
      connected: new Set([RELAY_A, RELAY_B]),
      answering: new Set([RELAY_A, RELAY_B]),
      caughtUp: new Set([RELAY_A, RELAY_B]),
      readBackAt: new Map([
        [RELAY_A, NOW],
        [RELAY_B, NOW],
      ]),
      readBackFailedAt: new Map(),
      foreign: new Map(),
      quarantined: false,
      busy: new Set(),
      signer: undefined,
      clockOffsetSec: undefined,
      ...session,
    },
  };
}

/** A relay was found to hold an event of that date in the first slot, which this copy did not sign. */
export const overwritten = (world: World, createdAt: number): World => ({
  ...world,
  slots: world.slots.map((slot, index) => (index === 0 ? { ...slot, lastCreatedAt: at(createdAt) } : slot)),
});

/** What the policy would do now in this world, as short lines. */
export const actionsIn = (world: World, policy = POLICY): string[] =>
  decide(world, policy).actions.map(describe);

export const hindrancesIn = (world: World, policy = POLICY): string[] =>
  decide(world, policy).hindered.map((decision) => `${describe(decision)} <- ${decision.obstacle}`);

function describe({ action }: Decision): string {
  switch (action.kind) {
    case 'stage':
      return `stage ${action.orders.map(({ reason }) => reason).join(' ')}`;
    case 'deliver':
      return `deliver ${action.eventIds.length} to ${action.relay}`;
    case 'read_back':
      return `read_back ${action.relay}`;
    case 'keep_until':
    case 'stage_lists':
    case 'quarantine':
    case 'sweep':
      return action.kind;
    case 'erase':
      return `erase ${action.cause}`;
  }
}
