import { inUtc } from '../../durations.ts';
import type { NotificationParams } from '../../ipc/protocol/notifications.ts';
import type { Paint } from '../terminal.ts';
import { paintSeverity } from './view.ts';

/** One line; the time as RFC 3339 says it, because notices are compared with logs. */
export function noticeLine(
  { at, severity, code, message }: NotificationParams<'notice'>['notice'],
  paint: Paint,
): string {
  return `${paint.dim(inUtc(at))}  ${paintSeverity(paint, severity)}  ${paint.bold(code)}  ${message}\n`;
}
