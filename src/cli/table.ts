import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import { COLUMNS, type Paint } from './terminal.ts';

const GAP = '  ';
/** What is longer is cut off with an ellipsis, unless it stands in the last column; --json has it whole. */
const MAX_COLUMN = 36;
const MIN_LAST_COLUMN = 16;
const NO_LINES = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
  ].map((part) => [part, '']),
);

type Row = readonly string[];

/** Columns without lines, `COLUMNS` wide at most: the last one wraps. Cells may be painted. */
export function table(rows: readonly Row[], head: Row = []): string {
  if (rows.length === 0) return '';
  const drawn = new Table({
    head: [...head],
    chars: { ...NO_LINES, middle: GAP },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colWidths: widths(head.length === 0 ? rows : [head, ...rows]),
    wordWrap: true,
    wrapOnWordBoundary: true,
  });
  drawn.push(...rows.map((row) => [...row]));
  const lines = drawn.toString().split('\n');
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** Column heads as they stand above a table. */
export const heads = (paint: Paint, ...names: Row): Row => names.map((name) => paint.dim(name));

/** What is what, one line each. */
export const facts = (paint: Paint, rows: readonly (readonly [string, string])[]): string =>
  table(rows.map(([name, value]) => [paint.dim(name), value]));

/** Natural widths; the last column gets what is left of the line. */
function widths(rows: readonly Row[]): number[] {
  const columns = rows[0]?.length ?? 0;
  const natural = Array.from({ length: columns }, (_, column) =>
    Math.max(1, ...rows.map((row) => stripVTControlCharacters(row[column] ?? '').length)),
  );
  const first = natural.slice(0, -1).map((width) => Math.min(width, MAX_COLUMN));
  const left = COLUMNS - first.reduce((sum, width) => sum + width + GAP.length, 0);
  return [...first, Math.min(natural.at(-1) ?? 1, Math.max(MIN_LAST_COLUMN, left))];
}
