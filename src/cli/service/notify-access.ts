import { askDialogd } from '../run-dialogd.ts';
import type { CommandLine } from './steps.ts';

const WITHIN_MS = 10_000;

/**
 * Whom systemd hears for the daemon: the daemon alone, if this installation of it can speak for itself. If not,
 * or if it does not say, `systemd-notify` does, a process of its own, and any of the unit has to be heard.
 */
export async function notifyAccess(dialogd: CommandLine): Promise<'main' | 'all'> {
  try {
    const answer = await askDialogd(dialogd, ['guards'], { timeout: WITHIN_MS });
    return (JSON.parse(answer) as { native?: unknown }).native === true ? 'main' : 'all';
  } catch {
    return 'all';
  }
}
