import type { NotificationParams } from '../../ipc/protocol/notifications.ts';
import type { Paint } from '../terminal.ts';
import { paintSeverity } from './view.ts';

/** One line; the time as RFC 3339 says it, because notices are compared with logs. */
export function noticeLine(
  { at, severity, code, message }: NotificationParams<'notice'>['notice'],
  paint: Paint,
): string {
  const time = new Date(at * 1_000).toISOString().replace('.000', '');
  return `${paint.dim(time)}  ${paintSeverity(paint, severity)}  ${paint.bold(code)}  ${message}\n`;
}
