import { describe, expect, test } from 'vitest';
import type { RelayUrl } from '../../../src/ids.ts';
import type { Filter } from '../../../src/ports.ts';
import { defaultLimits } from '../../../src/relay/limits.ts';
import { createRelaySubscription } from '../../../src/relay/subscription.ts';
import { createManualClock } from '../../support/clock.ts';
import { createRecordingLog } from '../../support/log.ts';
import { createAccount } from '../../support/nostr.ts';
import { createSeededRandom } from '../../support/random.ts';

const event = createAccount('author').sign();

/** One subscription on a relay that is a list of frames. */
function setUp(filter: () => Filter | undefined = () => ({ kinds: [1] })) {
  const clock = createManualClock();
  const written: string[] = [];
  const caughtUp: number[] = [];
  let ids = 0;
  const subscription = createRelaySubscription(
    { clock, random: createSeededRandom('subscription'), log: createRecordingLog(), limits: defaultLimits },
    { name: 'inbox', filter, onEvent() {}, onCaughtUp: (_, at) => caughtUp.push(at) },
    {
      relay: 'wss://relay.example' as RelayUrl,
      send: (frame) => written.push(JSON.parse(frame).slice(0, 2).join(' ')) > 0,
      nextId: () => String(++ids),
      onChange() {},
    },
  );
  return { clock, written, caughtUp, subscription };
}

describe('a subscription that is open', () => {
  test('is asked again when the relay falls silent before the end of stored events', () => {
    const { clock, written, subscription } = setUp();
    subscription.open();
    clock.advance(59);
    expect(written).toEqual(['REQ 1']);
    clock.advance(2);
    expect(written).toEqual(['REQ 1', 'CLOSE 1', 'REQ 2']);
    expect(subscription.progress()).toBe('reading');
  });

  test('is left to a relay that is slow but keeps sending', () => {
    const { clock, written, caughtUp, subscription } = setUp();
    subscription.open();
    const openedAt = clock.now();
    for (let minute = 0; minute < 10; minute++) {
      subscription.reader('1')?.onEvent(event, 0);
      clock.advance(60);
    }
    subscription.onEndOfStored('1');
    expect(written).toEqual(['REQ 1']);
    expect(caughtUp).toEqual([openedAt]);
    clock.advance(86_400);
    expect(written).toEqual(['REQ 1']);
  });

  test('is past its stored events once, and only by its own id', () => {
    const { caughtUp, subscription } = setUp();
    subscription.open();
    subscription.close();
    subscription.open();
    subscription.onEndOfStored('1');
    expect(subscription.progress()).toBe('reading');
    subscription.onEndOfStored('2');
    subscription.onEndOfStored('2');
    expect(caughtUp).toHaveLength(1);
    expect(subscription.progress()).toBe('caught_up');
  });
});

describe('a subscription that the relay closes', () => {
  test('over and over is asked for ever more rarely', () => {
    const { clock, written, subscription } = setUp();
    subscription.open();
    for (let sec = 0; sec < 3_600; sec++) {
      subscription.onClosed(String(written.length), 'error: busy');
      clock.advance(1);
    }
    expect(written.length).toBeGreaterThan(10);
    expect(written.length).toBeLessThan(60);
  });

  test('is not asked for once it was closed or lost here', () => {
    for (const end of ['close', 'lost'] as const) {
      const { clock, written, subscription } = setUp();
      subscription.open();
      subscription.onClosed('1', '');
      subscription[end]();
      clock.advance(3_600);
      expect(written).toEqual(['REQ 1']);
      expect(clock.pending()).toBe(0);
    }
  });
});

test('a subscription without a filter for this relay is not opened', () => {
  const { clock, written, subscription } = setUp(() => undefined);
  subscription.open();
  expect(written).toEqual([]);
  expect(subscription.progress()).toBe('not_open');
  expect(clock.pending()).toBe(0);
});
