import { describe, expect, test } from 'vitest';
import type { RelayUrl } from '../../../src/ids.ts';
import { decide } from '../../../src/policy.ts';
import {
  acceptedAt,
  actionsIn,
  at,
  DAY,
  deafInbox,
  freshPool,
  HOUR,
  hindrancesIn,
  NOW,
  overwritten,
  POLICY,
  packageOf,
  RELAY_A,
  worldOf,
} from '../../support/world.ts';

describe('a slot gets a new package', () => {
  test('a fresh, confirmed, read-back pool asks for nothing', () => {
    expect(actionsIn(worldOf(freshPool()))).toEqual([]);
  });

  test('on an empty store every slot is staged in one batch', () => {
    expect(actionsIn(worldOf([]))).toEqual(['stage slot_empty slot_empty slot_empty']);
  });

  test('a used package leaves its slot empty and the others alone', () => {
    const [one, two, last] = freshPool();
    const used = { ...one!, record: { ...one!.record, state: 'used' as const } };
    const world = worldOf([used, two!, last!]);
    expect(actionsIn(world, { ...POLICY, lowStock: 1 })).toEqual(['stage slot_empty']);
  });

  test('when fewer than the low stock remain the whole pool is replaced', () => {
    const [one, two, last] = freshPool();
    const used = { ...one!, record: { ...one!.record, state: 'used' as const } };
    expect(actionsIn(worldOf([used, two!, last!]))).toEqual(['stage slot_empty low_stock low_stock']);
  });

  test('a configured pool smaller than the low stock does not replace itself for ever', () => {
    expect(actionsIn(worldOf(freshPool()), { ...POLICY, lowStock: 5 })).toEqual([]);
  });

  test('one second before the newest package is a day old nothing happens, then the whole pool turns over', () => {
    expect(actionsIn(worldOf(freshPool(DAY - 1)))).toEqual([]);
    expect(actionsIn(worldOf(freshPool(DAY)))).toEqual(['stage age age age']);
  });

  test('one newer package keeps the older ones from being replaced by age', () => {
    const world = worldOf([packageOf('one', 2 * DAY), packageOf('two', HOUR), packageOf('last', 2 * DAY)]);
    expect(actionsIn(world)).toEqual([]);
  });

  test('the end of the Lifetime asks for a replacement a week before it comes', () => {
    const ending = (leftSec: number) =>
      worldOf([
        packageOf('one', HOUR, { notBefore: at(NOW - 77 * DAY), notAfter: at(NOW + leftSec) }),
        packageOf('two', HOUR),
        packageOf('last', HOUR),
      ]);
    expect(actionsIn(ending(7 * DAY + 1))).toEqual([]);
    expect(actionsIn(ending(7 * DAY))).toEqual(['stage lifetime']);
  });

  test('a refresh that was asked for replaces older generations only', () => {
    const meta = { generation: 2, refreshBelow: 2, sweptAt: NOW };
    const world = worldOf(
      [packageOf('one', HOUR, { generation: 2 }), packageOf('two', HOUR), packageOf('last', HOUR)],
      { meta },
    );
    expect(actionsIn(world)).toEqual(['stage requested requested']);
  });

  test('a package that no relay has confirmed yet is not replaced by age or request', () => {
    const meta = { generation: 1, refreshBelow: 2, sweptAt: NOW };
    const waiting = freshPool(2 * DAY).map(({ record, entry }) => ({
      record: { ...record, state: 'published' as const },
      entry,
    }));
    expect(actionsIn(worldOf(waiting, { meta }))).toEqual([]);
  });
});

describe('nothing is staged', () => {
  test.each([
    [
      'no list of write relays is known',
      { roles: { write: undefined, inbox: [RELAY_A], bootstrap: [] } },
      'no_relay_lists',
    ],
    [
      'no inbox list is known',
      { roles: { write: [RELAY_A], inbox: undefined, bootstrap: [] } },
      'no_relay_lists',
    ],
    [
      'the list names no write relay',
      { roles: { write: [], inbox: [RELAY_A], bootstrap: [] } },
      'no_write_relays',
    ],
    [
      'the list names no inbox relay',
      { roles: { write: [RELAY_A], inbox: [], bootstrap: [] } },
      'no_inbox_relays',
    ],
    ['no inbox relay is listened to', { inbox: deafInbox }, 'inbox_not_listening'],
    ['no write relay is connected', { session: { connected: new Set<RelayUrl>() } }, 'not_connected'],
    ['a write relay has not been read', { session: { readBackAt: new Map() } }, 'slots_not_read'],
    ['another signing job runs', { session: { busy: new Set(['sign']) } }, 'in_progress'],
    [
      'the signer is away',
      { session: { signer: { since: NOW, reason: 'away', retryAt: at(NOW + 30) } } },
      'signer_absent',
    ],
  ])('while %s', (_, parts, obstacle) => {
    expect(actionsIn(worldOf([], parts)).filter((line) => line.startsWith('stage'))).toEqual([]);
    expect(hindrancesIn(worldOf([], parts))).toContain(
      `stage slot_empty slot_empty slot_empty <- ${obstacle}`,
    );
  });

  test('into a slot whose last event is dated more than five minutes ahead; the other slots go on', () => {
    const world = overwritten(worldOf(freshPool(DAY)), NOW + 300);
    expect(hindrancesIn(world)).toContain('stage age <- clock_behind');
    expect(actionsIn(world)).toContain('stage age age');
  });
});

test('a write relay that does not answer the question holds up no staging', () => {
  const session = { readBackAt: new Map(), readBackFailedAt: new Map([[RELAY_A, NOW]]) };
  expect(actionsIn(worldOf([], { session }))).toContain('stage slot_empty slot_empty slot_empty');
});

test('the next wake-up is the earliest thing that time alone brings', () => {
  expect(decide(worldOf(freshPool(HOUR)), POLICY).wakeAt).toBe(NOW + 6 * HOUR);
  const soon = worldOf(freshPool(DAY - 60));
  expect(decide(soon, POLICY).wakeAt).toBe(NOW + 60);
});

test('an absent signer is asked again at the time that was set for it', () => {
  const signer = { since: NOW, reason: 'away', retryAt: at(NOW + 30) };
  expect(decide(worldOf([], { session: { signer } }), POLICY).wakeAt).toBe(NOW + 30);
});

test('deciding twice in one world gives the same plan', () => {
  const world = worldOf([packageOf('one', DAY, { deliveries: { [RELAY_A]: acceptedAt(NOW - DAY, false) } })]);
  expect(decide(world, POLICY)).toEqual(decide(structuredClone(world), POLICY));
});
