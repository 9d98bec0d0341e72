import { expect, test } from 'vitest';
import { plus } from '../../../src/ids.ts';
import { createWaker } from '../../../src/scheduler/waker.ts';
import { createManualClock } from '../../support/clock.ts';

function setUp() {
  const clock = createManualClock();
  const woken: string[] = [];
  const waker = createWaker(clock, undefined, {
    wake: (reason) => woken.push(reason),
    clockJumped: (bySec) => woken.push(`jumped ${bySec}`),
  });
  return { clock, woken, waker };
}

test('one timer stands for the deadline set last, and none once it woke', () => {
  const { clock, woken, waker } = setUp();
  expect(waker.timer()).toBeUndefined();
  waker.setDeadline(plus(clock.now(), 600));
  waker.setDeadline(plus(clock.now(), 60));
  expect(waker.timer()).toEqual({ count: 2, delayMs: 60_000 });
  clock.advance(600);
  expect(woken).toEqual(['deadline']);
  expect(waker.timer()).toBeUndefined();
});

test('however far the deadline is, it looks within a quarter of an hour', () => {
  const { clock, woken, waker } = setUp();
  waker.setDeadline(undefined);
  expect(waker.timer()?.delayMs).toBe(900_000);
  clock.jump(plus(clock.now(), 7_200));
  clock.advance(900);
  expect(woken).toEqual(['jumped 7200', 'deadline']);
});
