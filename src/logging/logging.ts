import { pino } from 'pino';
import type { LogEvent, LogFields, LogLevel } from '../log-events.ts';
import type { Libc } from '../native/libc.ts';
import type { Log } from '../ports.ts';
import { JOURNAL_SOCKET, journalEntry, leadsToJournal } from './journal.ts';
import { parseLogLine, priorityOf, terminalLine } from './log-line.ts';

/** A log whose level can be changed while it is in use. */
export interface LeveledLog extends Log {
  setLevel(level: string): void;
}

/** Takes each line as JSON; one that has to be dated says so. Synchronous: a killed process loses none. */
interface LogOutput {
  readonly dated: boolean;
  write(json: string): void;
}

export interface LogPlace {
  /** Where lines go: standard error. */
  readonly fd: number;
  /** A person reads along. */
  readonly terminal: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly libc: Pick<Libc, 'sendDatagram'> | undefined;
}

/**
 * One line per fact: an entry with fields where the descriptor is the journal's (JSON after `<N>` where libc cannot be
 * reached or a line is too long for a datagram), a readable line on a terminal, JSON anywhere else.
 */
export function createLog(level: string, place: LogPlace): LeveledLog {
  const output = chooseOutput(place);
  const logger = pino(
    {
      level,
      base: null,
      timestamp: output.dated ? pino.stdTimeFunctions.isoTime : false,
      formatters: { level: (name) => ({ level: name }) },
      serializers: { error: pino.stdSerializers.err },
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: CENSORED },
    },
    { write: (line: string) => output.write(line.replace(SECRET_TEXT, CENSORED)) },
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

/** Secrets are never given to a log; these are for the day on which somebody does. */
const SECRETS = ['secret', 'secretKey', 'privateKey', 'passphrase', 'password', 'nsec', 'key'];
const SECRET_TEXT = /\b(nsec|ncryptsec)1[a-z0-9]{20,}/gi;
const CENSORED = '[secret]';

function chooseOutput({ fd, terminal, env, libc }: LogPlace): LogOutput {
  const destination = pino.destination({ dest: fd, sync: true });
  const plainly = (text: string): void => void destination.write(text);
  if (!leadsToJournal(fd, env)) {
    return { dated: true, write: (json) => plainly(terminal ? terminalLine(parseLogLine(json)) : json) };
  }
  const marked = (json: string): void => plainly(`<${priorityOf(parseLogLine(json))}>${json}`);
  return {
    dated: false,
    write(json) {
      if (libc === undefined) return marked(json);
      try {
        libc.sendDatagram(JOURNAL_SOCKET, journalEntry(parseLogLine(json)));
      } catch {
        marked(json);
      }
    },
  };
}
