import { describe, expect, test } from 'vitest';
import { plus } from '../../../src/ids.ts';
import { quarantined } from '../../../src/keypackages/quarantine.ts';
import {
  acceptedAt,
  actionsIn,
  DAY,
  freshPool,
  HOUR,
  NOW,
  overwritten,
  packageOf,
  RELAY_A,
  RELAY_B,
  worldOf,
} from '../../support/world.ts';

const BELOW_2 = { generation: 2, quarantineBelow: 2, sweptAt: NOW };
const SLOTS = ['one', 'two', 'last'];

describe('a newer event in our slot that this copy did not sign', () => {
  const world = overwritten(worldOf(freshPool()), NOW - 60);

  test('puts everything made so far into quarantine', () => {
    expect(actionsIn(world)).toEqual(['quarantine']);
  });

  test('does so once in the life of a process: two running copies do not replace each other for ever', () => {
    expect(actionsIn({ ...world, session: { ...world.session, quarantined: true } })).toEqual([]);
  });

  test('is not fought by sending our overwritten event again', () => {
    const lost = { ...acceptedAt(NOW - HOUR), outcome: 'unknown' as const, retryAt: NOW };
    const [, two, last] = freshPool();
    const waiting = worldOf([packageOf('one', HOUR, { deliveries: { [RELAY_A]: lost } }), two!, last!]);
    expect(actionsIn(waiting)).toEqual([`deliver 1 to ${RELAY_A}`]);
    expect(actionsIn(overwritten(waiting, NOW - 60))).toEqual(['quarantine']);
  });

  test('is none of our business when its date is that of our own', () => {
    expect(actionsIn(overwritten(worldOf(freshPool()), NOW - HOUR))).toEqual([]);
  });
});

describe('a package that was overwritten before any relay confirmed it', () => {
  const unconfirmed = SLOTS.map((slot) => packageOf(slot, HOUR, { state: 'published', deliveries: {} }));
  const world = overwritten(worldOf(unconfirmed), NOW - 60);
  const stuck = { ...world, session: { ...world.session, quarantined: true } };

  test('is replaced when that is asked for', () => {
    expect(actionsIn({ ...stuck, meta: { ...stuck.meta, refreshBelow: 9 } })).toContain('stage requested');
  });

  test('is replaced by age', () => {
    expect(actionsIn({ ...stuck, now: plus(NOW, 3 * DAY) })).toContain('stage age');
  });
});

describe('a quarantined package', () => {
  test('is not counted: the whole pool is made anew', () => {
    const world = worldOf(freshPool(), { meta: quarantined({ generation: 1, sweptAt: NOW }) });
    expect(actionsIn(world)).toEqual(['stage quarantined quarantined quarantined']);
  });

  test('is never sent again, whatever became of it', () => {
    const unsent = SLOTS.map((slot) => packageOf(slot, HOUR, { state: 'published', deliveries: {} }));
    expect(actionsIn(worldOf(unsent))).toEqual([`deliver 3 to ${RELAY_A}`]);
    const actions = actionsIn(worldOf(unsent, { meta: quarantined({ generation: 1, sweptAt: NOW }) }));
    expect(actions).toEqual(['stage quarantined quarantined quarantined']);
  });

  test('is out of the count once its slots are filled with newer ones', () => {
    const newer = SLOTS.map((slot) => packageOf(slot, 60, { generation: 2 }));
    const older = freshPool().map(({ record, entry }) => ({
      record: { ...record, state: 'retired' as const },
      entry,
    }));
    expect(actionsIn(worldOf([...older, ...newer], { meta: BELOW_2 }))).toEqual([]);
  });

  test('keeps its keys until every write relay has something newer: another copy may have sent it there', () => {
    const roles = { write: [RELAY_A, RELAY_B], inbox: [RELAY_A], bootstrap: [] };
    const both = { [RELAY_A]: acceptedAt(NOW), [RELAY_B]: acceptedAt(NOW) };
    const generations = (deliveries: Record<string, ReturnType<typeof acceptedAt>>) =>
      SLOTS.flatMap((slot) => [
        packageOf(slot, 2 * DAY, { state: 'retired' }),
        packageOf(slot, 2 * HOUR, { state: 'retired', generation: 2, deliveries }),
        packageOf(slot, HOUR, { generation: 3, deliveries }),
      ]);
    const partly = { [RELAY_A]: acceptedAt(NOW) };
    const meta = { ...BELOW_2, generation: 3 };
    const kept = actionsIn(worldOf(generations(partly), { roles, meta }));
    expect(kept).not.toContain('keep_until');
    expect(actionsIn(worldOf(generations(both), { roles, meta }))).toEqual(Array(3).fill('keep_until'));
    const unsuspected = { ...meta, quarantineBelow: 0 };
    expect(actionsIn(worldOf(generations(partly), { roles, meta: unsuspected }))).toContain('keep_until');
  });
});
