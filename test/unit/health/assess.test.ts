import { describe, expect, test } from 'vitest';
import { assess, notInvitable, stillConnecting } from '../../../src/health/assess.ts';
import { freshness } from '../../../src/health/supply-conditions.ts';
import type { Seconds } from '../../../src/ids.ts';
import type { InboxTrouble } from '../../../src/invitations/inbox-facts.ts';
import {
  acceptedAt,
  at,
  DAY,
  deafInbox,
  freshPool,
  HOUR,
  NOW,
  POLICY,
  packageOf,
  RELAY_A,
  RELAY_B,
  readInbox,
  worldOf,
} from '../../support/world.ts';

const codes = (world: Parameters<typeof assess>[0]) => assess(world, POLICY).map(({ code }) => code);
const roles = (parts: object) => ({ roles: { write: [RELAY_A], inbox: [RELAY_A], bootstrap: [], ...parts } });

const diskWith = (freeMib: number) => ({
  freeBytes: freeMib * 2 ** 20,
  totalBytes: 2e12,
  trouble: undefined,
});

const inboxWith = (trouble: InboxTrouble) =>
  worldOf(freshPool(), { inbox: { ...readInbox, troubles: new Map([[RELAY_A, trouble]]) } });

describe('an account', () => {
  test('with a whole pool on connected relays has nothing to complain of', () => {
    expect(notInvitable(worldOf(freshPool()), POLICY)).toBeUndefined();
    expect(assess(worldOf(freshPool()), POLICY)).toEqual([]);
  });

  test.each([
    ['no_relays_known', roles({ write: undefined, inbox: undefined })],
    ['no_relay_lists', roles({ write: undefined })],
    ['no_relay_lists', roles({ inbox: undefined })],
    ['no_write_relays', roles({ write: [] })],
    ['no_inbox_relays', roles({ inbox: [] })],
    ['no_inbox_relay_connected', { session: { answering: new Set([RELAY_B]) } }],
    ['inbox_not_listening', { inbox: deafInbox }],
  ])('is not invitable for the reason %s, and a command mends it', (reason, parts) => {
    const world = worldOf(freshPool(), parts);
    expect(notInvitable(world, POLICY)).toBe(reason);
    const [worst] = assess(world, POLICY);
    expect(worst).toMatchObject({ code: 'not_invitable', severity: 'error' });
    expect(worst?.repair).not.toBe('');
  });

  test('is not invitable while no package is confirmed', () => {
    expect(notInvitable(worldOf([packageOf('one', HOUR, { state: 'published' })]), POLICY)).toBe(
      'no_confirmed_package',
    );
  });

  test('that is being refreshed misses nothing: the packages before serve until the new ones are confirmed', () => {
    const successors = ['one', 'two', 'last'].map((slot) => packageOf(slot, 0, { state: 'published' }));
    const world = worldOf([...freshPool(DAY), ...successors]);
    expect(notInvitable(world, POLICY)).toBeUndefined();
    expect(codes(world)).toEqual([]);
  });

  test('with some packages confirmed is invitable, and the rest is named', () => {
    const world = worldOf(freshPool().slice(1));
    expect(notInvitable(world, POLICY)).toBeUndefined();
    expect(codes(world)).toEqual(['pool_incomplete']);
  });
});

describe('what is not as it should be', () => {
  test.each([
    [
      'signer_absent',
      worldOf(freshPool(), { session: { signer: { since: NOW, reason: 'away', retryAt: NOW } } }),
    ],
    ['clock_skew', worldOf(freshPool(), { session: { clockOffsetSec: -301 } })],
    ['clock_skew', worldOf(freshPool(-301))],
    ['relay_down', worldOf(freshPool(), roles({ write: [RELAY_A, 'ws://c.example'] }))],
    ['relay_down', worldOf(freshPool(), { session: { answering: new Set([RELAY_B]) } })],
    ['relay_unreadable', worldOf(freshPool(), { session: { caughtUp: new Set([RELAY_B]) } })],
    ['relay_unreadable', worldOf(freshPool(), { session: { readBackFailedAt: new Map([[RELAY_A, NOW]]) } })],
    ['foreign_package', worldOf(freshPool(), { session: { foreign: new Map([[RELAY_A, 2]]) } })],
    ['invite_flood', worldOf(freshPool(), { inbox: { ...readInbox, flooded: true } })],
    ['seen_full', worldOf(freshPool(), { inbox: { ...readInbox, seen: 1_000_001 } })],
    ['inbox_deaf', inboxWith({ deaf: true, hiddenSeconds: 0, stuck: undefined })],
    ['inbox_hidden', inboxWith({ deaf: false, hiddenSeconds: 2, stuck: undefined })],
    ['inbox_stuck', inboxWith({ deaf: false, hiddenSeconds: 0, stuck: 'it does not honour until' })],
    ['disk_failing', worldOf(freshPool(), { disk: { freeBytes: 0, totalBytes: 0, trouble: 'EROFS' } })],
    ['disk_low', worldOf(freshPool(), { disk: diskWith(63) })],
    ['stale_soon', worldOf(freshPool(25 * HOUR + 1))],
    ['stale', worldOf(freshPool(48 * HOUR + 1))],
    ['expiring', worldOf([...freshPool().slice(1), packageOf('one', HOUR, { notAfter: at(NOW + 3 * DAY) })])],
  ])('is told as %s', (code, world) => {
    expect(codes(world)).toContain(code);
  });

  test('a relay that is down is no news in the first minute', () => {
    const world = worldOf(freshPool(), {
      ...roles({ write: [RELAY_A, 'ws://c.example'] }),
      session: { startedAt: NOW },
    });
    expect(codes(world)).toEqual([]);
  });

  test('the answers of one relay are one condition of a kind, however many events it refused', () => {
    const refused = { ...acceptedAt(NOW), outcome: 'rejected' as const, detail: 'blocked: no' };
    const pool = ['one', 'two', 'last'].map((slot) =>
      packageOf(slot, HOUR, { deliveries: { [RELAY_A]: acceptedAt(NOW), [RELAY_B]: refused } }),
    );
    const conditions = assess(worldOf(pool, roles({ write: [RELAY_A, RELAY_B] })), POLICY);
    expect(conditions).toHaveLength(1);
    expect(conditions[0]).toMatchObject({ code: 'relay_rejects', dependsOn: RELAY_B });
    expect(conditions[0]?.message).toContain('blocked: no');
  });

  test.each([
    ['relay_silent', 'no answer within 10 s'],
    ['relay_lost_package', 'relay_lost_package'],
    ['relay_serves_older', 'relay_serves_older'],
  ])('an event whose fate is unknown is told as %s, unless the relay is down anyway', (code, detail) => {
    const unknown = { ...acceptedAt(NOW), outcome: 'unknown' as const, detail };
    const pool = [
      packageOf('one', HOUR, { deliveries: { [RELAY_A]: acceptedAt(NOW), [RELAY_B]: unknown } }),
      ...freshPool().slice(1),
    ];
    const both = roles({ write: [RELAY_A, RELAY_B] });
    expect(codes(worldOf(pool, both))).toEqual([code]);
    const down = { session: { answering: new Set([RELAY_A]) } };
    expect(codes(worldOf(pool, { ...both, ...down }))).toEqual(['relay_down']);
  });

  test('an inbox that is nearly full is a warning with its numbers, and one less than that no news', () => {
    const with_ = (count: number) =>
      worldOf(freshPool(), { inbox: { ...readInbox, kept: { count, bytes: 2_048 }, turnedAway: 3 } });
    const [full] = assess(with_(18_000), POLICY);
    expect(full).toMatchObject({ code: 'invite_flood', severity: 'warning' });
    expect(full?.message).toContain('18000 gift wraps wait, 2 KiB of 65536 KiB; 3 found no room');
    expect(codes(with_(17_999))).toEqual([]);
  });

  test('a disk without any room for gift wraps is told as what it is', () => {
    const inbox = { ...readInbox, limit: { count: 20_000, bytes: 0 } };
    expect(codes(worldOf(freshPool(), { inbox, disk: diskWith(1) }))).toEqual(['disk_low']);
  });

  test('a small file system is not low for being small', () => {
    const disk = { freeBytes: 2 ** 20, totalBytes: 4 * 2 ** 20, trouble: undefined };
    expect(codes(worldOf(freshPool(), { disk }))).toEqual([]);
    expect(codes(worldOf(freshPool(), { disk: { ...disk, freeBytes: 2 ** 17 } }))).toEqual(['disk_low']);
  });

  test('every condition names what it depends on and a way out', () => {
    const world = worldOf(freshPool(48 * HOUR + 1), {
      inbox: { ...readInbox, flooded: true, seen: 2_000_000 },
      disk: diskWith(1),
      session: { connected: new Set(), foreign: new Map([[RELAY_A, 1]]) },
    });
    for (const { dependsOn, repair, message } of assess(world, POLICY)) {
      expect([dependsOn, repair, message]).not.toContain('');
    }
  });
});

describe('the age of the pool', () => {
  const age = (hours: number, refreshAfterSec = DAY) =>
    freshness(worldOf(freshPool(hours * HOUR)), { ...POLICY, refreshAfterSec: refreshAfterSec as Seconds });

  test('is fresh until its renewal is an hour overdue, and stale at twice the interval', () => {
    expect([1, 24, 25].map((hours) => age(hours))).toEqual(['fresh', 'fresh', 'fresh']);
    expect([25.1, 48].map((hours) => age(hours))).toEqual(['stale_soon', 'stale_soon']);
    expect(age(48.1)).toBe('stale');
  });

  test('is unknown while nothing is confirmed', () => {
    expect(freshness(worldOf([packageOf('one', HOUR, { state: 'published' })]), POLICY)).toBeUndefined();
  });

  test('counts from the newest package: one that could not be replaced is not a stale pool', () => {
    expect(freshness(worldOf([...freshPool(49 * HOUR).slice(1), packageOf('one', HOUR)]), POLICY)).toBe(
      'fresh',
    );
  });
});

test('a start is not done while a relay in use has not been read', () => {
  const unread = { caughtUp: new Set([RELAY_B]) };
  expect(stillConnecting(worldOf(freshPool(), { session: { ...unread, startedAt: NOW } }))).toBe(true);
  expect(stillConnecting(worldOf(freshPool(), { session: unread }))).toBe(false);
});
