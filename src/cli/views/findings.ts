import type { Finding } from '../../finding.ts';
import { table } from '../table.ts';
import type { Paint } from '../terminal.ts';
import { counted, printable } from '../words.ts';

/** One line for each check, and under it the way out of what was found. */
export function findingsText(findings: readonly Finding[], paint: Paint): string {
  const paintLevel = { ok: paint.green, warning: paint.yellow, error: paint.red };
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = printable(findings).map(({ check, level, message, repair }) => {
    const line = table([[paintLevel[level](level.padEnd(7)), check.padEnd(width), message]]);
    // A command is to be copied, so it stays on one line however long it is.
    return repair === undefined ? line : `${line}${' '.repeat(9)}${paint.bold(repair)}\n`;
  });
  return `${lines.join('')}\n${summary(findings)}\n`;
}

function summary(findings: readonly Finding[]): string {
  const of = (level: Finding['level']): number => findings.filter((one) => one.level === level).length;
  if (of('error') + of('warning') === 0) return 'All is well.';
  return `${counted(of('error'), 'error')}, ${counted(of('warning'), 'warning')}.`;
}
