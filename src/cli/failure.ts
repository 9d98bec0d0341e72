import { DaemonError } from '../errors.ts';
import { type Context, NotRunning } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { printable } from './words.ts';

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly repair?: string | undefined;
  readonly retryAfterSec?: number | undefined;
}

/** Prints what went wrong and the way out; returns the exit code. Bugs are thrown on. */
export function reportFailure(
  { terminal, options }: Pick<Context, 'terminal' | 'options'>,
  error: unknown,
): number {
  const failure = failureOf(error);
  if (options.json) terminal.out(`${JSON.stringify({ error: failure }, null, 2)}\n`);
  else {
    const { message, repair } = printable(failure);
    terminal.err(`dialogctl: ${message}\n${repair === undefined ? '' : `  ${repair}\n`}`);
  }
  return error instanceof NotRunning ? exitCodes.notRunning : exitCodes.error;
}

/** The failure in parts. Bugs are thrown on. */
export function failureOf(error: unknown): Failure {
  if (error instanceof NotRunning) {
    return { code: 'not_running', message: error.message, repair: 'start it: dialogd' };
  }
  if (!(error instanceof DaemonError)) throw error;
  const { code, message, repair, retryAfterSec } = error;
  return { code, message, repair, retryAfterSec };
}
