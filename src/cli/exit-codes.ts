/**
 * Every exit code of dialogctl. `init` and `restore`, and `backup` while no daemon runs, end with the exit code of the
 * dialogd they run instead.
 */
import type { Result } from '../ipc/protocol/methods.ts';

export const exitCodes = {
  success: 0,
  error: 1,
  usage: 2,
  notRunning: 3,
} as const;

/** Exit codes of `dialogctl status` and `dialogctl health`. */
export const healthExitCodes = {
  healthy: exitCodes.success,
  not_invitable: 10,
  degraded: 11,
  starting: 12,
} as const satisfies Record<Result<'daemon.status'>['health']['state'], number>;

/** The same for people. */
export const exitCodeMeanings: readonly (readonly [code: number | string, meaning: string])[] = [
  [exitCodes.success, 'done; for status and health: healthy'],
  [exitCodes.error, 'it failed, or doctor found an error; the message says what to do'],
  [exitCodes.usage, 'wrong usage'],
  [exitCodes.notRunning, 'dialogd is not running; status and health say why it ended'],
  [healthExitCodes.not_invitable, 'status, health: the account cannot be invited'],
  [healthExitCodes.degraded, 'status, health: something is not as it should be'],
  [healthExitCodes.starting, 'status, health: still starting'],
  ['64-78', 'init, restore, and backup without a daemon: as dialogd(8)'],
];

/** At the end of `--help`. */
export const exitCodeHelp = `
Exit codes:
${exitCodeMeanings.map(([code, meaning]) => `  ${String(code).padEnd(5)} ${meaning}`).join('\n')}`;
