import { describe, expect, test } from 'vitest';
import { MAX_RETRY_SEC, retryDelaySec } from '../../../src/keypackages/record.ts';
import type { Delivery } from '../../../src/records.ts';
import {
  acceptedAt,
  actionsIn,
  at,
  deafInbox,
  freshPool,
  HOUR,
  hindrancesIn,
  NOW,
  packageOf,
  RELAY_A,
  RELAY_B,
  worldOf,
} from '../../support/world.ts';

const poolWith = (delivery: Delivery | undefined, relay = RELAY_A) => {
  const [, two, last] = freshPool();
  const deliveries: Record<string, Delivery> = delivery === undefined ? {} : { [relay]: delivery };
  return worldOf([packageOf('one', HOUR, { deliveries, state: 'published' }), two!, last!]);
};
const waiting = (parts: Partial<Delivery>): Delivery => ({
  outcome: 'unknown',
  at: at(NOW - 30),
  attempts: 1,
  mayHold: true,
  ...parts,
});

describe('an event is sent', () => {
  test('to a relay that was never asked', () => {
    expect(actionsIn(poolWith(undefined))).toEqual([`deliver 1 to ${RELAY_A}`]);
  });

  test('again at once when the process died between the intent and the answer', () => {
    expect(actionsIn(poolWith(waiting({ outcome: 'sent' })))).toEqual([`deliver 1 to ${RELAY_A}`]);
  });

  test('again when its retry is due, and not before', () => {
    expect(actionsIn(poolWith(waiting({ retryAt: at(NOW + 1) })))).toEqual([]);
    expect(actionsIn(poolWith(waiting({ retryAt: NOW })))).toEqual([`deliver 1 to ${RELAY_A}`]);
  });

  test('at once when its retry is further off than any that is drawn: the clock went back', () => {
    expect(actionsIn(poolWith(waiting({ retryAt: at(NOW + MAX_RETRY_SEC + 1) })))).toHaveLength(1);
  });

  test('to a relay that joined the list, with the same bytes and without a new package', () => {
    const roles = { write: [RELAY_A, RELAY_B], inbox: [RELAY_A], bootstrap: [] };
    expect(actionsIn(worldOf(freshPool(), { roles }))).toEqual([`deliver 3 to ${RELAY_B}`]);
  });

  test('never while the inbox has not been read', () => {
    const world = poolWith(undefined);
    const early = { ...world, inbox: deafInbox };
    expect(hindrancesIn(early)).toContain(`deliver 1 to ${RELAY_A} <- inbox_not_listening`);
  });

  test('not to a relay without a connection; it goes out when there is one', () => {
    const world = poolWith(undefined);
    const alone = { ...world, session: { ...world.session, connected: new Set([RELAY_B]) } };
    expect(hindrancesIn(alone)).toContain(`deliver 1 to ${RELAY_A} <- not_connected`);
  });

  test('only for the newest package of a slot', () => {
    const older = packageOf('one', 2 * HOUR, { deliveries: {}, state: 'retired' });
    expect(actionsIn(worldOf([...freshPool(), older]))).toEqual([]);
  });
});

describe('our own events are read back', () => {
  const readAt = (relayReadAt: number, failedAt?: number) => ({
    session: {
      readBackAt: new Map([[RELAY_A, at(relayReadAt)]]),
      readBackFailedAt: new Map(failedAt === undefined ? [] : [[RELAY_A, at(failedAt)]]),
    },
  });

  test('once for every connection', () => {
    expect(actionsIn(worldOf(freshPool(), { session: { readBackAt: new Map() } }))).toEqual([
      `read_back ${RELAY_A}`,
    ]);
  });

  test('shortly after a relay accepted something new', () => {
    const unseen = packageOf('one', HOUR, { deliveries: { [RELAY_A]: acceptedAt(NOW - 5, false) } });
    const world = worldOf([unseen, ...freshPool().slice(1)], readAt(NOW - HOUR));
    expect(actionsIn(world)).toEqual([`read_back ${RELAY_A}`]);
  });

  test('every six hours', () => {
    expect(actionsIn(worldOf(freshPool(), readAt(NOW - 6 * HOUR)))).toEqual([`read_back ${RELAY_A}`]);
  });

  test('a minute after a look that failed', () => {
    expect(actionsIn(worldOf(freshPool(), readAt(NOW - HOUR, NOW - 59)))).toEqual([]);
    expect(actionsIn(worldOf(freshPool(), readAt(NOW - HOUR, NOW - 60)))).toEqual([`read_back ${RELAY_A}`]);
  });
});

test('retries wait half a minute, double up to an hour and are spread by a fifth', () => {
  const longest = [1, 2, 3, 7, 8, 9, 100].map((attempts) => retryDelaySec(attempts, 1));
  expect(longest).toEqual([30, 60, 120, 1920, 3600, 3600, 3600]);
  expect(retryDelaySec(1, 0)).toBe(24);
});
