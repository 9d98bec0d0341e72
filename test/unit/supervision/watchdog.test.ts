import { describe, expect, test } from 'vitest';
import { milliseconds, type RelayUrl } from '../../../src/ids.ts';
import { type Heart, type Pulse, pulsesOf } from '../../../src/supervision/heart.ts';
import { judge, type Stillness, startWatchdog, type Verdict } from '../../../src/supervision/watchdog.ts';
import { createManualClock } from '../../support/clock.ts';
import { createRecordingLog } from '../../support/log.ts';
import { createRecordingSupervisor } from '../../support/supervisor.ts';

const EVERY_MS = 15_000;
const url = 'wss://relay.one.example' as RelayUrl;

/** An idle daemon with a deadline and a relay, changed as told. */
const heart = (changes: Partial<Heart> = {}): Heart => ({
  engine: { busy: false, count: 7 },
  commits: { busy: false, count: 3 },
  timer: { count: 5, delayMs: milliseconds(60_000) },
  relays: [{ url, phase: 'connected', retryAt: undefined, failures: 0 }],
  ...changes,
});

/** What each look in turn leads to. */
function verdicts(hearts: readonly Heart[], lagMs = 0): Verdict[] {
  let stillness: Stillness = new Map();
  return hearts.map((each) => {
    const judged = judge({ pulses: pulsesOf(each), lagMs, everyMs: EVERY_MS }, stillness);
    stillness = judged.stillness;
    return judged.verdict;
  });
}

const looks = (count: number, at: (look: number) => Partial<Heart>): Verdict[] =>
  verdicts(Array.from({ length: count }, (_, look) => heart(at(look))));
/** The engine is woken and sets its next deadline, as ever. */
const awake = (look: number) => ({ timer: { count: look, delayMs: milliseconds(1_000) } });
const alive = (count: number): Verdict[] => Array(count).fill('alive');

describe('it is alive', () => {
  test('while it waits for its deadline, with nothing to do', () => {
    expect(looks(5, () => ({}))).toEqual(alive(5));
  });

  test('while a pass is under way and gets somewhere, however long it takes', () => {
    expect(looks(20, (look) => ({ engine: { busy: true, count: look }, timer: undefined }))).toEqual(
      alive(20),
    );
  });

  test('while commits end, however many are under way', () => {
    expect(looks(20, (look) => ({ ...awake(look), commits: { busy: true, count: look } }))).toEqual(
      alive(20),
    );
  });

  test('for hours, while jobs wait for a relay or a signer', () => {
    expect(looks(500, awake)).toEqual(alive(500));
  });

  test('without any relay configured', () => {
    const at = (look: number) => ({ ...awake(look), relays: [] });
    expect(looks(50, at)).toEqual(alive(50));
  });

  test('while one relay is connected and another one never is', () => {
    const stuck = { url, phase: 'connecting', retryAt: undefined, failures: 0 } as const;
    const at = (look: number) => ({
      ...awake(look),
      relays: [...heart().relays, stuck],
    });
    expect(looks(50, at)).toEqual(alive(50));
  });

  test('through the longest back-off of its only relay', () => {
    const at = (look: number) => ({
      ...awake(look),
      relays: [{ url, phase: 'backing_off', retryAt: undefined, failures: Math.floor(look / 20) } as const],
    });
    expect(looks(100, at)).toEqual(alive(100));
  });
});

describe('it is not', () => {
  test('when a pass does not end', () => {
    const stuck = () => ({ engine: { busy: true, count: 7 }, timer: undefined });
    expect(looks(4, stuck)).toEqual(['alive', 'alive', 'pass', 'pass']);
  });

  test('when a commit does not end, whoever made it', () => {
    expect(looks(3, () => ({ commits: { busy: true, count: 3 } }))).toEqual(['alive', 'alive', 'commit']);
  });

  test('when the deadline is over and nobody woke', () => {
    expect(looks(8, () => ({}))).toEqual([...alive(6), 'deadline', 'deadline']);
    expect(looks(3, () => ({ timer: undefined }))).toEqual(['alive', 'alive', 'deadline']);
  });

  test('when no relay is connected, and no attempt and no back-off ends', () => {
    const phase = (name: 'connecting' | 'backing_off') => (look: number) => ({
      ...awake(look),
      relays: [{ url, phase: name, retryAt: undefined, failures: 1 }],
    });
    expect(looks(5, phase('connecting'))).toEqual([...alive(3), 'relays', 'relays']);
    const backingOff = looks(30, phase('backing_off'));
    expect(backingOff.indexOf('relays')).toBe(22);
  });

  test('when the event loop was held up for a second', () => {
    expect(verdicts([heart()], 999)).toEqual(['alive']);
    expect(verdicts([heart()], 1_000)).toEqual(['event_loop']);
  });
});

test('what moved again starts anew', () => {
  const counts = [1, 1, 1, 2, 2, 2];
  expect(looks(6, (look) => ({ commits: { busy: true, count: counts[look] ?? 0 } }))).toEqual([
    'alive',
    'alive',
    'commit',
    'alive',
    'alive',
    'commit',
  ]);
});

function setUp() {
  const clock = createManualClock();
  const log = createRecordingLog();
  const supervisor = createRecordingSupervisor();
  let pulses: Pulse[] = [];
  let heldUpSec = 0;
  const watchdog = startWatchdog({
    clock,
    monotonicUsec: () => BigInt(clock.now() + heldUpSec) * 1_000_000n,
    log,
    supervisor,
    watchdogMs: milliseconds(60_000),
    pulses: () => pulses,
  });
  return {
    clock,
    log,
    told: supervisor.told,
    watchdog,
    move: (...next: Pulse[]) => {
      pulses = next;
    },
    holdUp: (sec: number) => {
      heldUpSec += sec;
    },
  };
}

describe('the service manager', () => {
  test('is told four times in each of its periods', () => {
    const { clock, told } = setUp();
    clock.advance(60);
    expect(told).toEqual(['alive', 'alive', 'alive', 'alive']);
  });

  test('is told nothing while something stands still, and the log says once what, and when it moved', () => {
    const { clock, told, log, move } = setUp();
    move({ name: 'commit', mark: 1, patienceMs: 0 });
    clock.advance(120);
    expect(told).toHaveLength(2);
    move();
    clock.advance(15);
    expect(told).toHaveLength(3);
    expect(log.lines).toEqual([
      {
        level: 'warn',
        event: 'watchdog_withheld',
        fields: { reason: 'commit', lagMs: 0, endsWithinSec: 60 },
      },
      { level: 'info', event: 'watchdog_resumed', fields: {} },
    ]);
  });

  test('is told again at the next look after the event loop was held up', () => {
    const { clock, told, log, holdUp } = setUp();
    holdUp(2);
    clock.advance(15);
    expect(told).toEqual([]);
    expect(log.lines[0]?.fields).toMatchObject({ reason: 'event_loop', lagMs: 2_000 });
    clock.advance(15);
    expect(told).toEqual(['alive']);
  });

  test('is told nothing more once the daemon stops, and no timer is left', () => {
    const { clock, told, watchdog } = setUp();
    clock.advance(15);
    watchdog.close();
    clock.advance(600);
    expect(told).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });
});
