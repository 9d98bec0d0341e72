import { describe, expect, it } from 'vitest';
import type { EventId, KeyPackageRef, RelayUrl, SlotId } from '../../../src/ids.ts';
import type { ValidKeyPackage } from '../../../src/protocol/key-package-event.ts';
import {
  judgeView,
  type SeenPackage,
  type Sighting,
  type Standing,
  unseenRelays,
} from '../../../src/stranger/judge.ts';
import { createAccount } from '../../support/nostr.ts';

const [START, WRITE, INBOX] = ['wss://start.example', 'wss://write.example', 'wss://inbox.example'].map(
  (url) => url as RelayUrl,
) as [RelayUrl, RelayUrl, RelayUrl];
const account = createAccount();
const listOf = (kind: 10002 | 10050, urls: readonly RelayUrl[], created_at = 1_800_000_000) =>
  account.sign({ kind, created_at, tags: urls.map((url) => [kind === 10002 ? 'r' : 'relay', url]) });
const LISTS = [listOf(10002, [WRITE]), listOf(10050, [INBOX])];

/** Later numbers are fresher, and so chosen first. */
function valid(number: number): SeenPackage {
  const id = String(number).padStart(64, '0');
  const check = {
    ok: true,
    event: { ...account.sign(), id: id as EventId, created_at: number },
    slot: id as SlotId,
    kind: 'standard',
    components: [],
    facts: { ref: id as KeyPackageRef, capabilities: { extensions: [6], proposals: [8, 10] } },
  };
  return { id: id as EventId, check: check as unknown as { ok: true } & ValidKeyPackage };
}

const invalid: SeenPackage = {
  id: 'e'.repeat(64) as EventId,
  check: { ok: false, reasons: [{ code: 'lifetime_not_current', detail: 'ended' }] },
};

const sighting = (relay: RelayUrl, parts: Partial<Sighting> = {}): Sighting => ({
  relay,
  connected: true,
  read: true,
  reason: undefined,
  lists: LISTS,
  packages: [],
  ...parts,
});
const away = { connected: false, read: false, reason: 'connection refused', lists: [] };

function judged(sightings: readonly Sighting[], standings: Readonly<Record<number, Standing>> = {}) {
  const byRef = Object.entries(standings).map(
    ([number, standing]) => [number.padStart(64, '0') as KeyPackageRef, standing] as const,
  );
  return judgeView({ start: [START], sightings, standings: new Map(byRef) }).map(
    ({ severity, code }) => `${severity} ${code}`,
  );
}

const whole = (write: Partial<Sighting> = { packages: [valid(1)] }, inbox: Partial<Sighting> = {}) => [
  sighting(START),
  sighting(WRITE, write),
  sighting(INBOX, inbox),
];

describe('where a stranger looks', () => {
  it('begins at the start and follows the newest lists', () => {
    const old = listOf(10002, ['wss://old.example' as RelayUrl], 1);
    expect(unseenRelays([START], [])).toEqual([START]);
    expect(unseenRelays([START], [sighting(START, { lists: [old, ...LISTS] })])).toEqual([WRITE, INBOX]);
    expect(unseenRelays([START], whole())).toEqual([]);
  });
});

describe('what keeps an invitation away', () => {
  it('is nothing when lists, a package of ours and the inbox are there', () => {
    expect(judged(whole(), { 1: 'ours' })).toEqual([]);
  });

  it.each([
    [
      'no start',
      judgeView({ start: [], sightings: [], standings: new Map() }).map((one) => one.code),
      'no_start',
    ],
    [
      'an empty write list',
      judged([sighting(START, { lists: [listOf(10002, []), LISTS[1]!] })]),
      'no_write_relays',
    ],
    [
      'an empty inbox list',
      judged([sighting(START, { lists: [LISTS[0]!, listOf(10050, [])] })]),
      'no_inbox_relays',
    ],
    ['no write relay', judged(whole(away)), 'write_unreachable'],
    ['no inbox relay', judged(whole(undefined, away)), 'inbox_unreachable'],
    ['no package', judged(whole({ packages: [] })), 'no_packages'],
    ['no package that peers accept', judged(whole({ packages: [invalid] })), 'no_valid_packages'],
  ])('%s', (_what, [first], code) => {
    expect(first?.replace('error ', '')).toBe(code);
  });

  it('is a package without keys, when it is the one to be chosen', () => {
    const packages = { packages: [valid(1), valid(2)] };
    expect(judged(whole(packages), { 1: 'ours', 2: 'keys_gone' })).toEqual(['error keys_gone']);
    expect(judged(whole(packages), { 1: 'keys_gone', 2: 'ours' })).toEqual(['warning keys_gone']);
    expect(judged(whole(packages), { 1: 'ours', 2: 'other_copy' })).toEqual(['error other_copy']);
    expect(judged(whole(packages), { 1: 'ours', 2: 'other_device' })).toEqual([]);
  });
});

describe('what keeps some invitations away', () => {
  it('is one of two write relays without packages, or with invalid ones', () => {
    const second = 'wss://second.example' as RelayUrl;
    const lists = [listOf(10002, [WRITE, second]), LISTS[1]!];
    const pair = (parts: Partial<Sighting>) => [
      sighting(START, { lists }),
      sighting(WRITE, { lists, packages: [valid(1)] }),
      sighting(second, { lists, ...parts }),
      sighting(INBOX, { lists }),
    ];
    expect(judged(pair({}))).toEqual(['warning packages_missing']);
    expect(judged(pair({ packages: [valid(1), invalid] }))).toEqual(['warning packages_invalid']);
    expect(judged(pair(away))).toEqual(['warning relay_unreachable']);
    expect(judged(pair({ read: false, lists: [] }))).toEqual(['warning relay_unreadable']);
    expect(judged(pair({ lists: [] }))).toContain('warning list_missing');
    expect(judged(pair({ lists: [listOf(10002, [], 1)] }))).toContain('warning list_outdated');
  });

  it('is not an inbox relay that lets nobody read', () => {
    expect(judged(whole(undefined, { read: false, lists: [] }), { 1: 'ours' })).toEqual([]);
  });
});
