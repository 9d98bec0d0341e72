import { fstatSync } from 'node:fs';
import { type LogLine, plain, priorityOf, textOf } from './log-line.ts';

/** Where systemd-journald takes entries with fields (systemd.io/JOURNAL_NATIVE_PROTOCOL). */
export const JOURNAL_SOCKET = '/run/systemd/journal/socket';

/** journald drops fields with longer names. */
const MAX_NAME_LENGTH = 64;

/**
 * Whether what is written to this descriptor goes to the journal: JOURNAL_STREAM is inherited by processes whose
 * output was sent elsewhere, so the file itself is compared (systemd.exec(5)).
 */
export function leadsToJournal(fd: number, { JOURNAL_STREAM }: NodeJS.ProcessEnv): boolean {
  if (JOURNAL_STREAM === undefined) return false;
  const { dev, ino } = fstatSync(fd, { bigint: true });
  return JOURNAL_STREAM === `${dev}:${ino}`;
}

/** The datagram of one line: a text to read, and every field under a name of its own to search by. */
export function journalEntry(line: LogLine): Buffer {
  const fields = Object.entries(line.fields).map(([name, value]) => [fieldName(name), plain(value)] as const);
  return Buffer.concat(
    [
      ['MESSAGE', textOf(line)] as const,
      ['PRIORITY', String(priorityOf(line))] as const,
      ['SYSLOG_IDENTIFIER', 'dialogd'] as const,
      [fieldName('event'), line.event] as const,
      ...fields,
    ].map(([name, value]) => encodeField(name, Buffer.from(value))),
  );
}

/** `delayMs` is DIALOGD_DELAY_MS. */
const fieldName = (name: string): string =>
  `DIALOGD_${name.replace(/[A-Z]/g, '_$&').replace(/\W+/g, '_').toUpperCase()}`.slice(0, MAX_NAME_LENGTH);

/** A value with a newline in it has its length before it: 64 bits, little-endian. */
function encodeField(name: string, value: Buffer): Buffer {
  if (!value.includes('\n')) return Buffer.concat([Buffer.from(`${name}=`), value, NEWLINE]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(value.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, value, NEWLINE]);
}

const NEWLINE = Buffer.from('\n');
