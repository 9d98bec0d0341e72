import { describe, expect, test } from 'vitest';
import type { PublicKey, UnixSeconds } from '../../../src/ids.ts';
import { nextTurn, QUOTA, type Spent } from '../../../src/invitations/quota.ts';
import { NOW } from '../../support/world.ts';

const key = (name: string): PublicKey => name as PublicKey;
const ME = key('me');
const waiting = (...senders: string[]) =>
  new Map(senders.map((sender, i) => [key(sender), (NOW - 100 + i) as UnixSeconds]));
const spent = (sender: string, count: number, agoSec = 10): Spent[] =>
  Array.from({ length: count }, () => ({ sender: key(sender), at: (NOW - agoSec) as UnixSeconds }));
const opens = (sender: string) => ({ kind: 'open', sender });

describe('whose seal is opened next', () => {
  test('nobody waits: nobody', () => {
    expect(nextTurn(new Map(), [], ME, NOW)).toBeUndefined();
  });

  test("the account's own, whatever others have used up", () => {
    expect(nextTurn(waiting('a', 'me'), spent('b', QUOTA.all), ME, NOW)).toEqual(opens('me'));
  });

  test('of the one who had the fewest opened: a flood waits behind a single invitation', () => {
    expect(nextTurn(waiting('flood', 'friend'), spent('flood', 3), ME, NOW)).toEqual(opens('friend'));
  });

  test('of two alike, of the one who waits longer', () => {
    expect(nextTurn(waiting('first', 'second'), [], ME, NOW)).toEqual(opens('first'));
  });

  test('of nobody who had twenty opened within the hour', () => {
    const until = NOW - 10 + QUOTA.windowSec;
    expect(nextTurn(waiting('a'), spent('a', QUOTA.perSender), ME, NOW)).toEqual({ kind: 'wait', until });
    expect(nextTurn(waiting('a'), spent('a', QUOTA.perSender - 1), ME, NOW)).toEqual(opens('a'));
  });

  test('of nobody once two hundred were, of whomever', () => {
    const all = Array.from({ length: QUOTA.all }, (_, i) => spent(`s${i}`, 1)).flat();
    expect(nextTurn(waiting('new'), all, ME, NOW)).toMatchObject({ kind: 'wait' });
    expect(nextTurn(waiting('new'), all.slice(1), ME, NOW)).toEqual(opens('new'));
  });

  test('an hour later all of it is forgotten', () => {
    const old = spent('a', QUOTA.all, QUOTA.windowSec);
    expect(nextTurn(waiting('a'), old, ME, NOW)).toEqual(opens('a'));
  });
});
