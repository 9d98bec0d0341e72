import { describe, expect, test } from 'vitest';
import { cursorAfter, windowFor } from '../../../src/inbox/cursors.ts';
import { at, DAY, HOUR, NOW, RELAY_A } from '../../support/world.ts';

const cursor = (readAgoSec: number, fullAgoSec: number) => ({
  relay: RELAY_A,
  readAt: at(NOW - readAgoSec),
  fullReadAt: at(NOW - fullAgoSec),
});

describe('gift wraps are asked for', () => {
  test('from seven days ago on a relay that was never read', () => {
    expect(windowFor(undefined, NOW)).toEqual({ since: NOW - 7 * DAY, full: true });
  });

  test('from two days and an hour before the last reading, because NIP-59 backdates', () => {
    expect(windowFor(cursor(HOUR, DAY), NOW)).toEqual({ since: NOW - HOUR - 2 * DAY - HOUR, full: false });
  });

  test('from the beginning once a week', () => {
    expect(windowFor(cursor(HOUR, 7 * DAY), NOW)).toEqual({ since: undefined, full: true });
  });

  test('not from the future when the clock went back since the last reading', () => {
    expect(windowFor(cursor(-DAY, DAY), NOW).since).toBe(NOW - 2 * DAY - HOUR);
  });
});

describe('after the stored events', () => {
  test('the cursor stands where the subscription was opened', () => {
    const before = cursor(DAY, 2 * DAY);
    const after = cursorAfter(RELAY_A, before, NOW, { since: at(NOW - DAY), full: false });
    expect(after).toEqual({ relay: RELAY_A, readAt: NOW, fullReadAt: before.fullReadAt });
  });

  test('a look at everything is remembered as one', () => {
    const after = cursorAfter(RELAY_A, cursor(DAY, 8 * DAY), NOW, { since: undefined, full: true });
    expect(after.fullReadAt).toBe(NOW);
  });
});
