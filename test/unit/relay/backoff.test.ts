import { describe, expect, test } from 'vitest';
import { createBackoff } from '../../../src/relay/backoff.ts';
import { defaultLimits } from '../../../src/relay/limits.ts';
import { createManualClock } from '../../support/clock.ts';
import { createSeededRandom } from '../../support/random.ts';

/** A back-off whose chance always draws the longest wait, or the shortest, or fairly. */
function setUp(draw: 'longest' | 'shortest' | 'fair') {
  const clock = createManualClock();
  const fair = createSeededRandom('jitter');
  const random = {
    bytes: (length: number) =>
      draw === 'fair' ? fair.bytes(length) : new Uint8Array(length).fill(draw === 'longest' ? 255 : 0),
  };
  const backoff = createBackoff({ clock, random, limits: defaultLimits });
  return { clock, backoff };
}

describe('the pause before the next attempt', () => {
  test('doubles from at most 1 s to at most 5 min', () => {
    const { backoff } = setUp('longest');
    const pauses = Array.from({ length: 11 }, () => backoff.down() / 1000);
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  });

  test('has full jitter: it may be nothing at all, and is spread evenly below its ceiling', () => {
    expect(setUp('shortest').backoff.down()).toBe(0);
    const { backoff } = setUp('fair');
    for (let n = 0; n < 12; n++) backoff.down();
    const pauses = Array.from({ length: 400 }, () => backoff.down() / 300_000);
    const mean = pauses.reduce((sum, pause) => sum + pause, 0) / pauses.length;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
    expect(Math.min(...pauses)).toBeLessThan(0.05);
    expect(Math.max(...pauses)).toBeGreaterThan(0.95);
  });

  test('starts anew after a success that held for a minute, and only then', () => {
    const { clock, backoff } = setUp('longest');
    for (let n = 0; n < 5; n++) backoff.down();
    backoff.up();
    clock.advance(59);
    expect(backoff.failures()).toBe(5);
    expect(backoff.down()).toBe(32_000);
    backoff.up();
    clock.advance(60);
    expect(backoff.failures()).toBe(0);
    expect(backoff.down()).toBe(1_000);
  });
});
