import { expect, test } from 'vitest';
import { withPatience } from '../../../src/supervision/patience.ts';
import { createManualClock } from '../../support/clock.ts';
import { createRecordingSupervisor } from '../../support/supervisor.ts';

const BOUNDS = { everyMs: 20_000, anotherMs: 60_000, atMostMs: 60_000 };

function setUp() {
  const clock = createManualClock();
  const supervisor = createRecordingSupervisor();
  let finish = (_: string): void => {};
  const work = new Promise<string>((resolve) => {
    finish = resolve;
  });
  const patient = withPatience(work, BOUNDS, { clock, supervisor });
  return { clock, told: supervisor.told, finish, patient };
}

test('quick work asks for nothing and leaves no timer', async () => {
  const { clock, told, finish, patient } = setUp();
  clock.advance(19);
  finish('done');
  expect(await patient).toBe('done');
  expect(clock.pending()).toBe(0);
  clock.advance(600);
  expect(told).toEqual([]);
});

test('slow work asks for more time again and again, and no more once it is done', async () => {
  const { clock, told, finish, patient } = setUp();
  clock.advance(45);
  expect(told).toEqual(['needs another 60000 ms', 'needs another 60000 ms']);
  finish('done');
  await patient;
  clock.advance(600);
  expect(told).toHaveLength(2);
});

test('work that never ends is not waited for beyond its bound', () => {
  const { clock, told } = setUp();
  clock.advance(3_600);
  expect(told).toHaveLength(3);
  expect(clock.pending()).toBe(0);
});

test('work that fails asks no more', async () => {
  const clock = createManualClock();
  const supervisor = createRecordingSupervisor();
  const failing = withPatience(Promise.reject(new Error('damaged')), BOUNDS, { clock, supervisor });
  await expect(failing).rejects.toThrow('damaged');
  expect(clock.pending()).toBe(0);
});
