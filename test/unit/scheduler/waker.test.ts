import { afterEach, expect, test } from 'vitest';
import { plus } from '../../../src/ids.ts';
import { createWaker, type Waker } from '../../../src/scheduler/waker.ts';
import { createManualClock } from '../../support/clock.ts';

let waker: Waker;
afterEach(() => waker.close());

function setUp() {
  const clock = createManualClock();
  const told: string[] = [];
  waker = createWaker(clock, undefined, {
    wake: (reason) => told.push(reason),
    clockJumped: (bySec) => told.push(`jumped ${bySec}`),
  });
  return { clock, told };
}

test('a deadline wakes when it comes, and the one set before it is forgotten', () => {
  const { clock, told } = setUp();
  waker.setDeadline(plus(clock.now(), 10));
  waker.setDeadline(plus(clock.now(), 20));
  clock.advance(19);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toEqual(['deadline']);
});

test('one timer stands for the deadline set last, and none once it woke', () => {
  const { clock } = setUp();
  expect(waker.timer()).toBeUndefined();
  waker.setDeadline(plus(clock.now(), 600));
  waker.setDeadline(plus(clock.now(), 60));
  expect(waker.timer()).toEqual({ count: 2, delayMs: 60_000 });
  clock.advance(60);
  expect(waker.timer()).toBeUndefined();
});

test('however far the deadline is, it looks within a quarter of an hour', () => {
  const { clock } = setUp();
  waker.setDeadline(plus(clock.now(), 86_400));
  expect(waker.timer()?.delayMs).toBe(900_000);
});

test.each([3_600, -3_600])('a clock set by %i s is noticed within 45 s, once', (bySec) => {
  const { clock, told } = setUp();
  clock.jump(plus(clock.now(), bySec));
  clock.advance(45);
  expect(told).toEqual([`jumped ${bySec}`, 'clock jumped']);
  clock.advance(3_600);
  expect(told).toHaveLength(2);
});

test('and also when deadlines are set all the time', () => {
  const { clock, told } = setUp();
  clock.jump(plus(clock.now(), 3_600));
  for (let sec = 0; sec < 45; sec++) {
    waker.setDeadline(plus(clock.now(), 500));
    clock.advance(1);
  }
  expect(told).toContain('jumped 3600');
});

test.each([3_600, -3_600])('a clock set by %i s is noticed at once by whoever has to know', (bySec) => {
  const { clock, told } = setUp();
  clock.advance(30);
  clock.jump(plus(clock.now(), bySec));
  waker.compareClock();
  waker.compareClock();
  expect(told).toEqual([expect.stringMatching(/^jumped -?3[56]/), 'clock jumped']);
});

test('a clock that goes as it should is no jump, however often it is compared', () => {
  const { clock, told } = setUp();
  for (let sec = 0; sec < 600; sec++) {
    clock.advance(1);
    waker.compareClock();
  }
  expect(told).toEqual([]);
});

test('a closed waker leaves no timer behind', async () => {
  const { clock } = setUp();
  waker.setDeadline(undefined);
  await waker.close();
  expect(clock.pending()).toBe(0);
});
