/** What a daemon in good health answers, at one fixed instant. */
import type { Result } from '../../../src/ipc/protocol/methods.ts';

export const NOW = 1_800_000_000;
const MIN = 60;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

const ACCOUNT = '3bf0c63fcb93463407af97a5e5ee64fa883d107ef9e558472c4eb9aaaefa459d';
const NPUB = 'npub180cvv07tjdrrgpa0j7j7tmnyl2yr6yr7l8j4s3evf6u64th6gkwsyjh6w6';

const PENDING = {
  count: 3,
  unopened: 1,
  bytes: 12_288,
  limitCount: 20_000,
  limitBytes: 67_108_864,
  turnedAway: 0,
};

export const status: Result<'daemon.status'> = {
  account: ACCOUNT,
  npub: NPUB,
  health: { state: 'healthy', warnings: [] },
  startedAt: NOW - 3 * DAY,
  now: NOW,
  version: '0.1.0',
  pid: 4242,
  seal: { source: 'key_file', path: '/var/lib/dialogd/seal.key' },
  guards: { supervisor: 'native', watchdog: true, peersChecked: true, undumpable: true },
  signer: { type: 'local', state: 'ready' },
  invitable: { yes: true },
  packages: {
    standard: { wanted: 10, confirmed: 10, total: 10 },
    lastResort: { wanted: 1, confirmed: 1, total: 1 },
    retained: 22,
    oldestAt: NOW - 5 * HOUR,
    newestAt: NOW - 5 * HOUR,
    firstExpiryAt: NOW + 83 * DAY,
    nextRefreshAt: NOW + 19 * HOUR,
    lastPublishedAt: NOW - 5 * HOUR,
  },
  relays: { connected: 3, total: 3 },
  inbox: {
    listening: true,
    caughtUp: true,
    pending: PENDING,
    counts: { invitation: 2, direct_message: 12 },
  },
  nextWakeAt: NOW + 19 * HOUR,
  statusLine: '11/11 published, oldest 5 h, first expiry 83 d, 3/3 relays',
};

/** The same daemon without an inbox list: nobody can reach the account. */
export const notInvitable: Result<'daemon.status'> = {
  ...status,
  health: {
    state: 'not_invitable',
    warnings: [
      {
        code: 'not_invitable',
        severity: 'error',
        since: NOW - 2 * HOUR,
        dependsOn: 'relay_lists',
        message: 'The account has no kind 10050 relay list, so invitations have nowhere to go.',
        repair: 'dialogctl relays publish-lists --write URL --inbox URL',
      },
      {
        code: 'relay_down',
        severity: 'warning',
        since: NOW - 4 * MIN,
        dependsOn: 'wss://relay.three.example',
        message: 'wss://relay.three.example does not answer.',
        repair: 'Nothing to do; it is tried again on its own.',
      },
    ],
  },
  invitable: { yes: false, reason: 'the account has no kind 10050 relay list' },
  statusLine: 'not invitable: no kind 10050 relay list; 11/11 published',
};

export const health: Result<'daemon.health'> = {
  live: true,
  ready: false,
  fresh: true,
  state: notInvitable.health.state,
  now: NOW,
  warnings: notInvitable.health.warnings,
};

export const metrics: Result<'daemon.metrics'> = {
  text: '# HELP dialogd_up Always 1: the daemon runs.\n# TYPE dialogd_up gauge\ndialogd_up{account="3bf0c63f"} 1\n',
};

export const backup: Result<'daemon.backup'> = {
  path: '/home/alice/dialogd.age',
  bytes: 214_016,
  account: ACCOUNT,
  backupAt: NOW,
  counts: {
    slots: 11,
    keyPackages: 33,
    tombstones: 40,
    privateKeyPackages: 33,
    outbox: 35,
    relayLists: 2,
    wraps: 12,
    cursors: 2,
    notices: 310,
    meta: 1,
  },
};

const hex = (start: string): string => start.padEnd(64, '0');

export const packages: Result<'keyPackages.list'>['packages'] = [
  {
    ref: hex('ab01'),
    slot: hex('51a7'),
    kind: 'standard',
    state: 'confirmed',
    generation: 7,
    eventId: hex('e001'),
    createdAt: NOW - 5 * HOUR,
    publishedAt: NOW - 5 * HOUR,
    confirmedAt: NOW - 5 * HOUR + 2,
    renewAt: NOW + 19 * HOUR,
    notAfter: NOW + 83 * DAY,
    relays: [
      {
        url: 'wss://relay.one.example',
        outcome: 'accepted',
        at: NOW - 5 * HOUR,
        attempts: 1,
        seenAt: NOW - HOUR,
      },
      { url: 'wss://relay.two.example', outcome: 'accepted', at: NOW - 5 * HOUR, attempts: 1 },
    ],
  },
  {
    ref: hex('ab02'),
    slot: hex('1a57'),
    kind: 'last_resort',
    state: 'published',
    generation: 7,
    eventId: hex('e002'),
    createdAt: NOW - 5 * HOUR,
    publishedAt: NOW - 5 * HOUR,
    renewAt: NOW + 19 * HOUR,
    notAfter: NOW + 83 * DAY,
    relays: [
      {
        url: 'wss://relay.one.example',
        outcome: 'rejected',
        at: NOW - 5 * HOUR,
        attempts: 3,
        retryAt: NOW + 8 * MIN,
        detail: 'rate-limited: slow down',
      },
      { url: 'wss://relay.two.example', outcome: 'unknown', at: NOW - 5 * HOUR, attempts: 1 },
    ],
  },
  {
    ref: hex('ab03'),
    slot: hex('51a7'),
    kind: 'standard',
    state: 'retired',
    generation: 6,
    eventId: hex('e003'),
    createdAt: NOW - 29 * HOUR,
    publishedAt: NOW - 29 * HOUR,
    confirmedAt: NOW - 29 * HOUR,
    renewAt: NOW - 5 * HOUR,
    notAfter: NOW + 82 * DAY,
    keepUntil: NOW + 43 * HOUR,
    relays: [{ url: 'wss://relay.one.example', outcome: 'accepted', at: NOW - 29 * HOUR, attempts: 1 }],
  },
];

export const erasedPackage: Result<'keyPackages.list'>['packages'][number] = {
  ...packages[2]!,
  ref: hex('ab04'),
  eventId: hex('e004'),
  state: 'deleted',
  generation: 5,
  erased: { at: NOW - 2 * HOUR, cause: 'replaced' },
  relays: [],
};

export const explanation: Result<'keyPackages.explain'> = {
  now: NOW,
  actions: [
    {
      rule: 'resend',
      what: 'deliver',
      subject: '1 event to wss://relay.one.example',
      reason: 'rejected 8 min ago, the back-off is over',
      at: NOW,
    },
  ],
  next: [
    {
      rule: 'age',
      what: 'stage',
      subject: '11 slots',
      reason: 'the newest package will be 24 h old',
      at: NOW + 19 * HOUR,
    },
    {
      rule: 'keep_until',
      what: 'erase',
      subject: 'ab030000',
      reason: 'left the retained generations',
      at: NOW + 43 * HOUR,
    },
  ],
  nextWakeAt: NOW + 19 * HOUR,
};

export const relays: Result<'relays.list'> = {
  lists: {
    write: ['wss://relay.one.example', 'wss://relay.two.example'],
    inbox: ['wss://relay.two.example'],
    bootstrap: ['wss://relay.three.example'],
    listsKnown: { 10002: true, 10050: false },
  },
  relays: [
    {
      url: 'wss://relay.one.example',
      roles: ['write'],
      phase: 'connected',
      auth: 'not_asked',
      connectedAt: NOW - 3 * HOUR,
      answering: true,
      failures: 0,
      invalidEvents: 0,
      caughtUp: true,
    },
    {
      url: 'wss://relay.two.example',
      roles: ['write', 'inbox'],
      phase: 'connected',
      auth: 'authenticated',
      connectedAt: NOW - 40,
      answering: true,
      failures: 0,
      clockOffsetSec: -2,
      invalidEvents: 3,
      caughtUp: false,
    },
    {
      url: 'wss://relay.three.example',
      roles: ['bootstrap'],
      phase: 'backing_off',
      auth: 'not_asked',
      answering: false,
      retryAt: NOW + 4 * MIN,
      failures: 6,
      lastError: 'connect ECONNREFUSED 192.0.2.7:443',
      invalidEvents: 0,
      caughtUp: false,
    },
  ],
};

/** A stranger finds the account, although one relay lags behind. */
export const lookUp: Result<'identity.lookUp'> = {
  at: NOW,
  invitable: true,
  problems: [
    {
      code: 'list_outdated',
      severity: 'warning',
      relay: 'wss://relay.three.example',
      message: 'wss://relay.three.example serves an older list of kind 10002',
      repair: 'dialogctl wake',
    },
  ],
  relays: [
    {
      url: 'wss://relay.three.example',
      roles: ['start'],
      connected: true,
      read: true,
      lists: { 10002: 'older', 10050: 'newest' },
      packages: { found: 0, valid: 0, ours: 0, keysGone: 0, otherCopy: 0, otherDevice: 0, invalid: [] },
    },
    {
      url: 'wss://relay.one.example',
      roles: ['write', 'inbox'],
      connected: true,
      read: true,
      lists: { 10002: 'newest', 10050: 'newest' },
      packages: {
        found: 12,
        valid: 11,
        ours: 11,
        keysGone: 0,
        otherCopy: 0,
        otherDevice: 0,
        invalid: [{ eventId: hex('e009'), reasons: ['lifetime_not_current'] }],
      },
    },
  ],
};

export const inbox: Result<'inbox.list'> = {
  now: NOW,
  pending: PENDING,
  skipped: { too_large: 2 },
  counts: { invitation: 2, direct_message: 12 },
  invitations: [
    {
      id: hex('f001'),
      sender: hex('a11ce'),
      npub: NPUB,
      receivedAt: NOW - 2 * HOUR,
      relay: 'wss://relay.two.example',
    },
  ],
  senders: [
    {
      sender: hex('a11ce'),
      npub: NPUB,
      counts: { invitation: 2, direct_message: 12 },
      lastAt: NOW - 2 * HOUR,
    },
  ],
};

export const identity: Result<'identity.show'> = {
  account: ACCOUNT,
  npub: NPUB,
  source: 'created',
  seal: { source: 'key_file', path: '/var/lib/dialogd/seal.key' },
  createdAt: NOW - 40 * DAY,
};
