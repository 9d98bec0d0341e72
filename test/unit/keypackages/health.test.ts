import { describe, expect, test } from 'vitest';
import { assess, notInvitable } from '../../../src/keypackages/health.ts';
import {
  acceptedAt,
  at,
  DAY,
  freshPool,
  HOUR,
  NOW,
  POLICY,
  packageOf,
  RELAY_A,
  RELAY_B,
  worldOf,
} from '../../support/world.ts';

const codes = (world: Parameters<typeof assess>[0]) => assess(world, POLICY).map(({ code }) => code);
const roles = (parts: object) => ({ roles: { write: [RELAY_A], inbox: [RELAY_A], bootstrap: [], ...parts } });

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
    ['no_inbox_relay_connected', { session: { connected: new Set([RELAY_B]) } }],
    ['inbox_not_read', { session: { inboxCaughtUp: false } }],
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
    expect(conditions[0]).toMatchObject({ code: 'relay_rejects', subject: RELAY_B });
    expect(conditions[0]?.message).toContain('blocked: no');
  });
});
