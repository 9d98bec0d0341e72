import { describe, expect, test } from 'vitest';
import { startHeartbeat } from '../../../src/relay/heartbeat.ts';
import { defaultLimits } from '../../../src/relay/limits.ts';
import { createManualClock } from '../../support/clock.ts';

function setUp() {
  const clock = createManualClock();
  const seen: string[] = [];
  const context = { clock, limits: defaultLimits };
  const line = { receivedBytes: 0 };
  const heartbeat = startHeartbeat(
    context,
    () => line.receivedBytes,
    () => seen.push('asked'),
    () => seen.push('dead'),
  );
  return { clock, heartbeat, line, seen };
}

describe('an idle connection', () => {
  test('is asked every 35 s, and lives as long as it answers', () => {
    const { clock, heartbeat, seen } = setUp();
    for (let sec = 0; sec < 3_600; sec++) {
      const questions = seen.length;
      clock.advance(1);
      if (seen.length > questions) heartbeat.heard();
    }
    expect(seen).toEqual(Array.from({ length: 102 }, () => 'asked'));
  });

  test('that does not answer is dead within a minute of its last word, once', () => {
    const { clock, heartbeat, seen } = setUp();
    clock.advance(34);
    heartbeat.heard();
    clock.advance(35 + 14);
    expect(seen).toEqual(['asked']);
    clock.advance(3_600);
    expect(seen).toEqual(['asked', 'dead']);
  });
});

describe('a large message on a slow line', () => {
  test('is waited for as long as parts of it come', () => {
    const { clock, heartbeat, line, seen } = setUp();
    for (let sec = 0; sec < 600; sec++) {
      line.receivedBytes += 512;
      clock.advance(1);
    }
    heartbeat.heard();
    expect(seen).not.toContain('dead');
  });

  test('is not taken for what a server says of itself: pings alone are no life', () => {
    const { clock, line, seen } = setUp();
    for (let sec = 0; sec < 60; sec++) {
      line.receivedBytes += 6;
      clock.advance(1);
    }
    expect(seen).toEqual(['asked', 'dead']);
  });
});

describe('a connection that talks', () => {
  test('is not asked', () => {
    const { clock, heartbeat, seen } = setUp();
    for (let times = 0; times < 60; times++) {
      heartbeat.heard();
      clock.advance(34);
    }
    expect(seen).toEqual([]);
  });

  test('leaves no timer behind once stopped', () => {
    const { clock, heartbeat } = setUp();
    heartbeat.stop();
    expect(clock.pending()).toBe(0);
  });
});
