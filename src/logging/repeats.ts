import { milliseconds } from '../ids.ts';
import { factsOf, type LogEvent, type LogFields, type LogLevel } from '../log-events.ts';
import type { Clock, Log } from '../ports.ts';
import { logWith } from './logging.ts';

/** Repeats are counted this long, then said in one line. */
const INTERVAL_MS = milliseconds(3_600_000);
/** What ends and begins again is said in full this often within an interval; what flaps on is counted. */
const MAX_SAID = 3;
/** Facts remembered at a time; beyond them the oldest is forgotten, and its count said. */
const MAX_STREAKS = 256;

/** One fact that is said again and again. */
interface Streak {
  readonly level: LogLevel;
  readonly event: LogEvent;
  /** Lines in full since the interval began. */
  said: number;
  /** It was over, and may be said in full again. */
  over: boolean;
  /** Not said yet. */
  counted: { times: number; readonly since: string; fields: LogFields } | undefined;
  cancel(): void;
}

export interface Repeats {
  readonly log: Log;
  /** Says every count that is outstanding, and starts afresh. */
  flush(): void;
}

/**
 * A log that says a repeated fact once, and once an hour how often it came again: the latest one's fields with `repeated`
 * and `since`. Which events, and what makes two of them the same, is in the catalogue. Every repeat is there at debug.
 */
export function collapseRepeats(log: Log, clock: Clock): Repeats {
  const streaks = new Map<string, Streak>();
  // The level is the catalogue's, or debug; which name may have which is checked where the line is written.
  const write = (level: LogLevel, event: LogEvent, fields: LogFields): void =>
    log[level](event as never, fields);

  function sayCount(streak: Streak): void {
    if (streak.counted === undefined) return;
    const { times, since, fields } = streak.counted;
    streak.counted = undefined;
    write(streak.level, streak.event, { ...fields, repeated: times, since });
  }

  function forget(key: string, streak: Streak): void {
    streak.cancel();
    streaks.delete(key);
    sayCount(streak);
  }

  function nextInterval(key: string, streak: Streak): void {
    if (streak.counted === undefined) return void streaks.delete(key);
    sayCount(streak);
    streak.said = 1;
    streak.over = false;
    streak.cancel = clock.after(INTERVAL_MS, () => nextInterval(key, streak));
  }

  function begin(key: string, level: LogLevel, event: LogEvent): void {
    for (const [oldest, streak] of streaks) {
      if (streaks.size < MAX_STREAKS) break;
      forget(oldest, streak);
    }
    const streak: Streak = { level, event, said: 1, over: false, counted: undefined, cancel: () => {} };
    streak.cancel = clock.after(INTERVAL_MS, () => nextInterval(key, streak));
    streaks.set(key, streak);
  }

  function count(streak: Streak, fields: LogFields): void {
    streak.counted ??= { times: 0, since: new Date(clock.now() * 1_000).toISOString(), fields };
    streak.counted.times += 1;
    streak.counted.fields = fields;
    write('debug', streak.event, fields);
  }

  /** True where the line is to be said in full. */
  function admit(key: string, level: LogLevel, event: LogEvent): boolean {
    const streak = streaks.get(key);
    if (streak === undefined) {
      begin(key, level, event);
      return true;
    }
    if (!streak.over || streak.said >= MAX_SAID) return false;
    streak.over = false;
    streak.said += 1;
    return true;
  }

  function endOthers(event: LogEvent, subject: string): void {
    for (const ended of factsOf(event).ends ?? []) {
      const streak = streaks.get(`${ended} ${subject}`);
      if (streak === undefined) continue;
      sayCount(streak);
      streak.over = true;
    }
  }

  return {
    log: logWith((level, event, fields) => {
      const { repeats } = factsOf(event);
      if (repeats === undefined) return write(level, event, fields);
      const subject = JSON.stringify(repeats.map((name) => fields[name]));
      const key = `${event} ${subject}`;
      if (!admit(key, level, event)) return count(streaks.get(key) as Streak, fields);
      endOthers(event, subject);
      write(level, event, fields);
    }),
    flush() {
      for (const [key, streak] of streaks) forget(key, streak);
    },
  };
}
