import { pino } from 'pino';
import type { LogEvent, LogFields, LogLevel } from '../log-events.ts';
import type { Log } from '../ports.ts';

/** Priorities of sd-daemon(3), so that `journalctl -p` understands each line. */
const PRIORITIES: Readonly<Record<string, string>> = {
  trace: '<7>',
  debug: '<7>',
  info: '<6>',
  warn: '<4>',
  error: '<3>',
  fatal: '<2>',
};

/** A log whose level can be changed while it is in use. */
export interface LeveledLog extends Log {
  setLevel(level: string): void;
}

/**
 * One JSON line per fact on standard error, written synchronously so that a killed process loses none.
 * Under a supervisor that reads priorities each line starts with `<N>`.
 */
export function createLog(level: string, { journal }: { journal: boolean }): LeveledLog {
  const destination = pino.destination({ dest: 2, sync: true });
  const write = (line: string): void => {
    if (!journal) return void destination.write(line);
    const { level: name } = JSON.parse(line) as { level: string };
    destination.write(`${PRIORITIES[name] ?? '<6>'}${line}`);
  };
  const logger = pino(
    {
      level,
      base: null,
      timestamp: journal ? false : pino.stdTimeFunctions.isoTime,
      formatters: { level: (name) => ({ level: name }) },
      redact: {
        paths: ['secret', 'secretKey', 'privateKey', 'passphrase', 'nsec', 'key'],
        censor: '[secret]',
      },
    },
    { write },
  );
  return {
    ...logWith((at, event, fields) => logger[at]({ ...fields, event })),
    setLevel(next) {
      logger.level = next;
    },
  };
}

/** A log of which each line is one call. */
export function logWith(say: (level: LogLevel, event: LogEvent, fields: LogFields) => void): Log {
  const at =
    <L extends LogLevel>(level: L) =>
    (event: LogEvent<L>, fields: LogFields = {}): void =>
      say(level, event, fields);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
