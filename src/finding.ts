import { DaemonError } from './errors.ts';

/** What one check of an installation came to. Never holds a secret. */
export interface Finding {
  /** Stable name of the check, `group.what`. */
  readonly check: string;
  readonly level: 'ok' | 'warning' | 'error';
  /** What was found, on one line. */
  readonly message: string;
  /** The command or setting that mends it; absent when there is nothing to mend. */
  readonly repair?: string;
}

export const fine = (check: string, message: string): Finding => ({ check, level: 'ok', message });

export const doubtful = (check: string, message: string, repair: string): Finding => ({
  check,
  level: 'warning',
  message,
  repair,
});

export const wrong = (check: string, message: string, repair: string): Finding => ({
  check,
  level: 'error',
  message,
  repair,
});

export const onOneLine = (message: string): string => message.replace(/\s*\n\s*/g, ' ');

/** An expected failure, or one of the system, as a finding; a bug is thrown on. */
export function failed(check: string, error: unknown): Finding {
  if (error instanceof DaemonError) {
    return wrong(check, onOneLine(error.message), error.repair ?? 'dialogctl service logs');
  }
  if (!(error instanceof Error && 'syscall' in error)) throw error;
  return wrong(check, error.message, 'look as the user that runs dialogd, or as root');
}
