import { describe, expect, test } from 'vitest';
import { collapseRepeats } from '../../../src/logging/repeats.ts';
import { createManualClock } from '../../support/clock.ts';
import { createRecordingLog } from '../../support/log.ts';
import { HOUR } from '../../support/world.ts';

const [ONE, OTHER] = ['wss://one.example/', 'wss://other.example/'];

function setUp() {
  const clock = createManualClock(1_800_000_000);
  const recorded = createRecordingLog();
  const { log, flush } = collapseRepeats(recorded, clock);
  return {
    clock,
    log,
    flush,
    down: (relay = ONE, reason = 'refused') => log.info('relay_disconnected', { relay, reason }),
    up: (relay = ONE) => log.info('relay_connected', { relay }),
    /** What is above debug: the event, and how often it came again where that is said. */
    said: () =>
      recorded.lines
        .filter(({ level }) => level !== 'debug')
        .map(({ event, fields }) => [event, ...('repeated' in fields ? [fields.repeated] : [])]),
    recorded,
  };
}

describe('a fact that comes again', () => {
  test('is said once, and then once an hour how often, since when, and what it was last', () => {
    const { clock, down, recorded, said } = setUp();
    down();
    for (let minute = 1; minute <= 150; minute++) {
      clock.advance(60);
      down(ONE, minute % 2 === 0 ? 'refused' : 'timed out');
    }
    expect(said()).toEqual([['relay_disconnected'], ['relay_disconnected', 59], ['relay_disconnected', 60]]);
    expect(recorded.lines.filter(({ level }) => level === 'info')[1]?.fields).toEqual({
      relay: ONE,
      reason: 'timed out',
      repeated: 59,
      since: '2027-01-15T08:01:00.000Z',
    });
  });

  test('is there every time for whoever reads at debug', () => {
    const { down, recorded } = setUp();
    for (let times = 0; times < 5; times++) down();
    expect(recorded.lines.map(({ level }) => level)).toEqual(['info', 'debug', 'debug', 'debug', 'debug']);
  });

  test('is another fact where its subject is another', () => {
    const { down, said } = setUp();
    down(ONE);
    down(OTHER);
    expect(said()).toHaveLength(2);
  });

  test('is said in full again after an hour without it, and costs no timer then', () => {
    const { clock, down, said } = setUp();
    down();
    clock.advance(HOUR);
    expect(clock.pending()).toBe(0);
    down();
    expect(said()).toEqual([['relay_disconnected'], ['relay_disconnected']]);
  });
});

describe('a change of state', () => {
  test('says what was counted before it, and lets the fact be said in full again', () => {
    const { down, up, said } = setUp();
    for (let times = 0; times < 4; times++) down();
    up();
    down();
    expect(said()).toEqual([
      ['relay_disconnected'],
      ['relay_disconnected', 3],
      ['relay_connected'],
      ['relay_disconnected'],
    ]);
  });

  test('that never ends is counted too: a relay that flaps all day costs a few lines an hour', () => {
    const { clock, down, up, said } = setUp();
    for (let minute = 0; minute < 24 * 60; minute++) {
      down();
      up();
      clock.advance(60);
    }
    expect(said().length).toBeLessThanOrEqual(2 * (3 + 24));
  });

  test('of one relay leaves the others as they are', () => {
    const { down, up, said } = setUp();
    down(ONE);
    down(ONE);
    up(OTHER);
    expect(said()).toEqual([['relay_disconnected'], ['relay_connected']]);
  });
});

test('an error is never lost: the first in full, the others in the count at the end', () => {
  const { log, flush, said, recorded, clock } = setUp();
  for (let times = 0; times < 3; times++) log.error('call_failed', { method: 'daemon.status' });
  for (let times = 0; times < 3; times++) log.error('bug', { message: 'each of its own' });
  flush();
  expect(said()).toEqual([['call_failed'], ['bug'], ['bug'], ['bug'], ['call_failed', 2]]);
  expect(recorded.lines.at(-1)?.level).toBe('error');
  expect(clock.pending()).toBe(0);
});

test('what is remembered has an end: the oldest is forgotten, and its count said', () => {
  const { clock, down, said } = setUp();
  down();
  down();
  for (let relay = 0; relay < 1_000; relay++) down(`wss://${relay}.example/`);
  expect(clock.pending()).toBe(256);
  expect(said().filter(([, repeated]) => repeated === 1)).toHaveLength(1);
});
