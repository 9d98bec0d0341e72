import { describe, expect, test } from 'vitest';
import {
  acceptedAt,
  actionsIn as allActionsIn,
  at,
  DAY,
  HOUR,
  NOW,
  packageOf,
  RELAY_A,
  RELAY_B,
  unreadInbox,
  worldOf,
} from '../../support/world.ts';

const roles = { write: [RELAY_A, RELAY_B], inbox: [RELAY_A], bootstrap: [] };
const onBoth = (instant: number) => ({ [RELAY_A]: acceptedAt(instant), [RELAY_B]: acceptedAt(instant) });
const onA = (instant: number) => ({ [RELAY_A]: acceptedAt(instant) });
const others = [
  packageOf('two', HOUR, { deliveries: onBoth(NOW) }),
  packageOf('last', HOUR, { deliveries: onBoth(NOW) }),
];

/** Three generations of one slot, oldest first; deliveries as given. */
const threeGenerations = (oldest: object, middle: object, newest: object) =>
  worldOf(
    [
      packageOf('one', 3 * DAY, { state: 'retired', deliveries: oldest as never }),
      packageOf('one', 2 * DAY, { state: 'retired', deliveries: middle as never }),
      packageOf('one', HOUR, { deliveries: newest as never }),
      ...others,
    ],
    { roles },
  );
const actionsIn = (world: Parameters<typeof allActionsIn>[0]) =>
  allActionsIn(world).filter((line) => /keep_until|erase/.test(line));

describe('the private keys of a replaced package', () => {
  test('stay for the two newest generations', () => {
    const world = worldOf(
      [
        packageOf('one', 2 * DAY, { state: 'retired', deliveries: onBoth(NOW - 2 * DAY) }),
        packageOf('one', HOUR, { deliveries: onBoth(NOW - HOUR) }),
        ...others,
      ],
      { roles },
    );
    expect(actionsIn(world)).toEqual([]);
  });

  test('get their end when two newer generations stand on every relay that had it', () => {
    const world = threeGenerations(onBoth(NOW - 3 * DAY), onBoth(NOW - 2 * DAY), onBoth(NOW - HOUR));
    expect(actionsIn(world)).toEqual(['keep_until']);
  });

  test('stay while one relay that had it has accepted nothing newer', () => {
    const world = threeGenerations(onBoth(NOW - 3 * DAY), onA(NOW - 2 * DAY), onA(NOW - HOUR));
    expect(actionsIn(world)).toEqual([]);
  });

  test('stay while a relay that only may have it has accepted nothing newer', () => {
    const maybe = { outcome: 'unknown', at: NOW, attempts: 1, retryAt: at(NOW + 9), mayHold: true };
    const world = threeGenerations(
      { ...onA(NOW - 3 * DAY), [RELAY_B]: maybe },
      onA(NOW - 2 * DAY),
      onA(NOW - HOUR),
    );
    expect(actionsIn(world)).toEqual([]);
  });

  test('go when their end has come', () => {
    const kept = (keepUntil: number) =>
      worldOf([
        packageOf('one', HOUR),
        packageOf('one', DAY, { state: 'retired', keepUntil: at(keepUntil) }),
      ]);
    expect(actionsIn(kept(NOW + 1))).toEqual([]);
    expect(actionsIn(kept(NOW))).toEqual(['erase replaced']);
  });
});

describe('the private keys of any package', () => {
  const ended = (session: object) =>
    worldOf([packageOf('one', 84 * DAY, { state: 'confirmed', notAfter: NOW })], { session });

  test('go at not_after even if no relay has a newer one', () => {
    expect(actionsIn(ended({}))).toEqual(['erase expired']);
  });

  test('wait for the inbox after a start, but not longer than two minutes', () => {
    const unread = (startedAgoSec: number) => ({
      ...ended({ startedAt: at(NOW - startedAgoSec) }),
      inbox: unreadInbox,
    });
    expect(actionsIn(unread(119))).toEqual([]);
    expect(actionsIn(unread(120))).toEqual(['erase expired']);
  });
});
