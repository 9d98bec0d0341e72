import { describe, expect, test } from 'vitest';
import { startHeartbeat } from '../../../src/relay/heartbeat.ts';
import { defaultLimits } from '../../../src/relay/limits.ts';
import { createManualClock } from '../../support/clock.ts';

function setUp() {
  const clock = createManualClock();
  const seen: string[] = [];
  const context = { clock, limits: defaultLimits };
  const heartbeat = startHeartbeat(
    context,
    () => seen.push('ping'),
    () => seen.push('dead'),
  );
  return { clock, heartbeat, seen };
}

describe('an idle connection', () => {
  test('costs one ping in three minutes, and lives as long as it answers', () => {
    const { clock, heartbeat, seen } = setUp();
    for (let sec = 0; sec < 3_600; sec++) {
      const pings = seen.length;
      clock.advance(1);
      if (seen.length > pings) heartbeat.heard();
    }
    expect(seen.length).toBeGreaterThanOrEqual(15);
    expect(seen.length).toBeLessThanOrEqual(20);
    expect(seen).not.toContain('dead');
  });

  test('that does not answer within 30 s is dead, once', () => {
    const { clock, seen } = setUp();
    clock.advance(180 + 29);
    expect(seen).toEqual(['ping']);
    clock.advance(3_600);
    expect(seen).toEqual(['ping', 'dead']);
  });
});

describe('a connection that talks', () => {
  test('is not pinged', () => {
    const { clock, heartbeat, seen } = setUp();
    for (let minute = 0; minute < 60; minute++) {
      heartbeat.heard();
      clock.advance(60);
    }
    expect(seen).toEqual([]);
  });

  test('leaves no timer behind once stopped', () => {
    const { clock, heartbeat } = setUp();
    heartbeat.stop();
    expect(clock.pending()).toBe(0);
  });
});
