import type { Result } from '../../ipc/protocol/methods.ts';
import { table } from '../table.ts';
import type { Paint } from '../terminal.ts';
import { spaced, whenever } from '../words.ts';
import { paintSeverity, type View } from './view.ts';

type Health = Result<'daemon.health'>;

export const healthView: View<'daemon.health'> = (
  { state, live, ready, fresh, now, warnings },
  { paint },
) => {
  const answers = Object.entries({ live, ready, fresh }).map(
    ([question, yes]) => `${question} ${yes ? paint.green('yes') : paint.red('no')}`,
  );
  return `${paintState(paint, state)}  ${answers.join('  ')}\n${warningsText(warnings, now, paint)}`;
};

/** Each with its age, and the way out in a line of its own. */
export const warningsText = (warnings: Health['warnings'], now: number, paint: Paint): string =>
  warnings.map((warning) => warningText(warning, now, paint)).join('');

function warningText(
  { code, severity, message, since, repair }: Health['warnings'][number],
  now: number,
  paint: Paint,
): string {
  const rows = [[paintSeverity(paint, severity), `${code}: ${message} (since ${whenever(since, now)})`]];
  // A command is to be copied, so it stays on one line however long it is.
  return `\n${table(rows)}${' '.repeat(severity.length)}  ${paint.bold(repair)}\n`;
}

export const paintState = (paint: Paint, state: Health['state']): string =>
  healthPaint(paint, state)(spaced(state));

export function healthPaint(paint: Paint, state: Health['state']): Paint['green'] {
  const colour = {
    healthy: paint.green,
    starting: paint.cyan,
    degraded: paint.yellow,
    not_invitable: paint.red,
  };
  return colour[state];
}
