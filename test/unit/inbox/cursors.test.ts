import { describe, expect, test } from 'vitest';
import { cursorAfter, forgetBefore, windowFor } from '../../../src/inbox/cursors.ts';
import { at, DAY, HOUR, NOW, RELAY_A } from '../../support/world.ts';

const cursor = (readAgoSec: number, fullAgoSec: number) => ({
  relay: RELAY_A,
  readAt: at(NOW - readAgoSec),
  fullReadAt: at(NOW - fullAgoSec),
});
const since = (instant: number) => ({ since: at(instant), openedAt: NOW });
const everything = { since: undefined, openedAt: NOW };

describe('gift wraps are asked for', () => {
  test('from seven days ago on a relay that was never read', () => {
    expect(windowFor(undefined, NOW)).toEqual(since(NOW - 7 * DAY));
  });

  test('from two days and an hour before the last reading, because NIP-59 backdates', () => {
    expect(windowFor(cursor(HOUR, DAY), NOW)).toEqual(since(NOW - HOUR - 2 * DAY - HOUR));
  });

  test('from the beginning once a week', () => {
    expect(windowFor(cursor(HOUR, 7 * DAY), NOW)).toEqual(everything);
  });

  test('not from the future when the clock went back since the last reading', () => {
    expect(windowFor(cursor(-DAY, DAY), NOW)).toEqual(since(NOW - 2 * DAY - HOUR));
  });
});

describe('after a reading', () => {
  test('the cursor stands where the reading was begun', () => {
    const before = cursor(DAY, 2 * DAY);
    expect(cursorAfter(RELAY_A, before, since(NOW - DAY), NOW)).toEqual({ ...before, readAt: NOW });
  });

  test('one of everything is remembered, with the one before it', () => {
    expect(cursorAfter(RELAY_A, cursor(DAY, 8 * DAY), everything, NOW)).toEqual({
      relay: RELAY_A,
      readAt: NOW,
      fullReadAt: NOW,
      fullReadBeforeAt: NOW - 8 * DAY,
    });
  });
});

describe('ids seen are forgotten', () => {
  const twice = (beforeAgoSec: number) => ({ ...cursor(0, 0), fullReadBeforeAt: at(NOW - beforeAgoSec) });

  test('when they are older than the last two readings of everything, of every relay', () => {
    expect(forgetBefore([twice(7 * DAY), twice(9 * DAY)])).toBe(NOW - 9 * DAY);
  });

  test('not while a relay was read only once, or never', () => {
    expect(forgetBefore([twice(7 * DAY), cursor(0, 0)])).toBeUndefined();
    expect(forgetBefore([twice(7 * DAY), undefined])).toBeUndefined();
    expect(forgetBefore([])).toBeUndefined();
  });
});
