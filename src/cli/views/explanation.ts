import { heads, table } from '../table.ts';
import { spaced, when } from '../words.ts';
import type { View } from './view.ts';

export const explanationView: View<'keyPackages.explain'> = (
  { now, actions, next, nextWakeAt },
  { paint },
) => {
  const rows = [...actions, ...next].map(({ at, what, subject, reason }) => [
    at <= now ? paint.yellow('now') : when(at, now),
    spaced(what),
    `${subject}: ${spaced(reason)}`,
  ]);
  const decisions =
    rows.length === 0 ? 'There is nothing to do.\n' : table(rows, heads(paint, 'WHEN', 'ACTION', 'WHY'));
  return nextWakeAt === undefined ? decisions : `${decisions}\nThe next look is ${when(nextWakeAt, now)}.\n`;
};
