import { logWith } from '../../src/logging/logging.ts';
import type { Log } from '../../src/ports.ts';

interface LogLine {
  readonly level: keyof Log;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Keeps every line; `text()` is all of them as JSON lines, for searching. */
export interface RecordingLog extends Log {
  readonly lines: readonly LogLine[];
  text(): string;
}

export function createRecordingLog(): RecordingLog {
  const lines: LogLine[] = [];
  return {
    ...logWith((level, event, fields) => lines.push({ level, event, fields })),
    lines,
    text: () => lines.map((line) => JSON.stringify(line)).join('\n'),
  };
}
