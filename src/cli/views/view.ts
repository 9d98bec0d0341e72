import type { MethodName, Result } from '../../ipc/protocol/methods.ts';
import type { NoticeSeverity } from '../../records.ts';
import type { Paint } from '../terminal.ts';

/** How the answer of a method reads; `now` for ages, where the answer does not tell the daemon's own. */
export type View<M extends MethodName> = (
  result: Result<M>,
  look: { readonly paint: Paint; readonly now: number },
) => string;

export const paintSeverity = (paint: Paint, severity: NoticeSeverity): string =>
  severityPaint(paint, severity)(severity);

export function severityPaint(paint: Paint, severity: NoticeSeverity): Paint['green'] {
  const colour = { info: paint.cyan, warning: paint.yellow, error: paint.red };
  return colour[severity];
}
