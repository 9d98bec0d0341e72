import { describe, expect, test } from 'vitest';
import type { Health } from '../../../src/api/health.ts';
import { createAnnouncer } from '../../../src/supervision/announcer.ts';
import { createManualClock } from '../../support/clock.ts';
import { createRecordingLog } from '../../support/log.ts';
import { createRecordingSupervisor } from '../../support/supervisor.ts';
import { deafInbox, freshPool, HOUR, NOW, POLICY, worldOf } from '../../support/world.ts';

const healthy: Health = { state: 'healthy', warnings: [] };
const starting: Health = { state: 'starting', warnings: [] };
const unread = { inbox: deafInbox };
const WHOLE = '3/3 published, first expiry 83 d, 1/1 relays';

function setUp() {
  const clock = createManualClock(NOW);
  const log = createRecordingLog();
  const supervisor = createRecordingSupervisor();
  const announcer = createAnnouncer({ clock, log, supervisor, policy: POLICY });
  /** A pass that found so many packages published. */
  const pass = (published: number, health = healthy): void =>
    announcer.passed(worldOf(freshPool().slice(0, published), { now: clock.now() }), health);
  return { clock, log, told: supervisor.told, announcer, pass };
}

describe('ready', () => {
  test('is told once, when the inbox is past its stored events', () => {
    const { told, announcer, log } = setUp();
    announcer.passed(worldOf(freshPool(), unread), starting);
    expect(told).toEqual([]);
    for (let times = 0; times < 3; times++) announcer.passed(worldOf(freshPool()), healthy);
    expect(told).toEqual([`ready: ${WHOLE}`]);
    expect(log.lines).toEqual([{ level: 'info', event: 'ready', fields: { status: WHOLE } }]);
  });

  test('is told at once, with the reason, where waiting would mend nothing', () => {
    const { told, announcer, log } = setUp();
    announcer.passed(worldOf([], { ...unread, roles: { write: [], inbox: [], bootstrap: [] } }), healthy);
    expect(told).toEqual(['ready: 0/3 published, 0/0 relays']);
    expect(log.lines[0]).toMatchObject({ event: 'ready_degraded', fields: { reason: 'no_relays_known' } });
  });

  test('is told after 30 s with the reason, when no relay let the inbox be read', () => {
    const { told, announcer, clock, log } = setUp();
    announcer.passed(worldOf(freshPool(), unread), starting);
    clock.advance(29);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toHaveLength(1);
    expect(log.lines[0]).toMatchObject({
      event: 'ready_degraded',
      fields: { reason: 'inbox_not_listening' },
    });
  });

  test('waits for the first pass, however late that is', () => {
    const { told, announcer, clock } = setUp();
    clock.advance(60);
    expect(told).toEqual([]);
    announcer.passed(worldOf(freshPool(), unread), starting);
    expect(told).toHaveLength(1);
  });
});

describe('the status line', () => {
  test('is told soon when the health changes, and once', () => {
    const { told, clock, pass } = setUp();
    pass(0, starting);
    pass(3);
    clock.advance(4);
    expect(told).toHaveLength(1);
    clock.advance(1);
    expect(told[1]).toContain('status: 3/3 published');
    clock.advance(HOUR);
    expect(told).toHaveLength(2);
  });

  test('is told every three minutes at most when only figures change', () => {
    const { told, clock, pass } = setUp();
    for (let minute = 0; minute < 60; minute++) {
      pass(minute % 3);
      clock.advance(60);
    }
    expect(told.length).toBeGreaterThan(15);
    expect(told.length).toBeLessThanOrEqual(21);
  });

  test('that went back to what is known costs nothing', () => {
    const { told, clock, pass } = setUp();
    pass(2);
    pass(3);
    pass(2);
    clock.advance(HOUR);
    expect(told).toHaveLength(1);
  });
});

test('a closed announcer leaves no timer behind', () => {
  const { announcer, clock, pass } = setUp();
  pass(2);
  pass(3);
  announcer.close();
  expect(clock.pending()).toBe(0);
});
