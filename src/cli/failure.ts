import { DaemonError } from '../errors.ts';
import type { LastFailure } from '../last-failure.ts';
import { type Context, NotRunning } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { toStart } from './service-scope.ts';
import { printable, when } from './words.ts';

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly repair?: string | undefined;
  readonly retryAfterSec?: number | undefined;
  readonly lastFailure?: LastFailure;
}

/** Prints what went wrong and the way out; returns the exit code. Bugs are thrown on. */
export function reportFailure(
  { terminal, options }: Pick<Context, 'terminal' | 'options'>,
  error: unknown,
): number {
  const failure = failureOf(error, terminal.now());
  if (options.json) terminal.out(`${JSON.stringify({ error: failure }, null, 2)}\n`);
  else {
    const { message, repair } = printable(failure);
    terminal.err(`dialogctl: ${message}\n${repair === undefined ? '' : `  ${repair}\n`}`);
  }
  return error instanceof NotRunning ? exitCodes.notRunning : exitCodes.error;
}

/** The failure in parts, its age seen from `now`. Bugs are thrown on. */
export function failureOf(error: unknown, now: number): Failure {
  if (error instanceof NotRunning) {
    const { lastFailure, message } = error;
    if (lastFailure === undefined) return { code: 'not_running', message, repair: toStart() };
    const { at, code, message: reason, repair = toStart() } = lastFailure;
    const ended = `dialogd is not running: it ended ${when(at, now)} with ${code}: ${reason}`;
    return { code: 'not_running', message: ended, repair, lastFailure };
  }
  if (!(error instanceof DaemonError)) throw error;
  const { code, message, repair, retryAfterSec } = error;
  return { code, message, repair, retryAfterSec };
}
