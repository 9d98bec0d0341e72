/** One fact, as it leaves the logger: redacted, and nothing but JSON values. */
export interface LogLine {
  readonly level: string;
  /** ISO 8601; absent where whoever takes the line has a clock. */
  readonly time: string | undefined;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function parseLogLine(json: string): LogLine {
  const { level, time, event, ...fields } = JSON.parse(json) as Omit<LogLine, 'fields'>;
  return { level, time, event, fields };
}

/** Of sd-daemon(3): what `journalctl -p` goes by. */
export function priorityOf({ level }: LogLine): number {
  return { fatal: 2, error: 3, warn: 4, info: 6 }[level] ?? 7;
}

/** The fact in words: its name, the sentence that came with it, the rest as `name=value`, and what to do about it. */
export function textOf({ event, fields }: LogLine): string {
  const { message, status, error, stack, repair, ...rest } = fields;
  const thrown = (error ?? {}) as { message?: string; stack?: string };
  const sentence = message ?? status ?? thrown.message;
  const trace = stack ?? thrown.stack;
  return [
    sentence === undefined ? event : `${event}: ${sentence}`,
    ...Object.entries(rest).map(([name, value]) => `${name}=${quoted(value)}`),
    ...(repair === undefined ? [] : [`(repair: ${repair})`]),
    ...(trace === undefined ? [] : [`\n${trace}`]),
  ]
    .join(' ')
    .replace(CONTROL, '\u{FFFD}');
}

/** A relay's words must not steer a terminal, nor make journalctl show a blob. */
const CONTROL = /(?!\n)\p{Cc}/gu;

/** A value as text: lists and objects as JSON. */
export const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** As short as it can be told where it ends. */
function quoted(value: unknown): string {
  const text = Array.isArray(value) ? value.join(',') : plain(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}

/** For a person at a terminal. */
export function terminalLine(line: LogLine): string {
  const time = new Date(line.time ?? 0).toTimeString().slice(0, 8);
  return `${time} ${line.level.padEnd(5)} ${textOf(line)}\n`;
}
