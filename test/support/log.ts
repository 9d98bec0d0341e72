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
  const at =
    (level: keyof Log): Log['info'] =>
    (event, fields = {}) => {
      lines.push({ level, event, fields });
    };
  return {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    text: () => lines.map((line) => JSON.stringify(line)).join('\n'),
  };
}
