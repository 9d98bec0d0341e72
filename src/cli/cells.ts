/** Text measured in the cells of a terminal, where some characters take two and some none. */

/** A text and how to paint it; painting comes last, so that escapes are never cut. */
export type Part = readonly [text: string, paint?: (text: string) => string];

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** East Asian Wide and Fullwidth (Unicode Annex 11) by block, and what is drawn as an emoji. */
const WIDE =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2ff}\u{20000}-\u{3fffd}]|\ufe0f/u;
const WITHOUT_WIDTH = /^[\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}]+$/u;

const ELLIPSIS = '…';
/** UTF-16 units for one cell that are looked at; whatever has more is cut there. */
const MAX_UNITS = 16;

export function cellsOf(text: string): number {
  let cells = 0;
  for (const { segment } of graphemes.segment(text)) cells += cellsOfGrapheme(segment);
  return cells;
}

const cellsOfGrapheme = (grapheme: string): number =>
  WITHOUT_WIDTH.test(grapheme) ? 0 : WIDE.test(grapheme) ? 2 : 1;

/** The text if it fits into so many cells, else its beginning and an ellipsis. */
export function cut(text: string, cells: number): string {
  if (cells <= 0) return '';
  const bounded = text.slice(0, cells * MAX_UNITS);
  if (bounded.length === text.length && cellsOf(text) <= cells) return text;
  let kept = '';
  let left = cells - 1;
  for (const { segment } of graphemes.segment(bounded)) {
    left -= cellsOfGrapheme(segment);
    if (left < 0) break;
    kept += segment;
  }
  return `${kept}${ELLIPSIS}`;
}

/** The same in exactly so many cells. */
export function fill(text: string, cells: number): string {
  const short = cut(text, cells);
  return `${short}${' '.repeat(Math.max(0, cells - cellsOf(short)))}`;
}

/** A line of exactly so many cells. */
export function lineOf(parts: readonly Part[], cells: number): string {
  let left = cells;
  let line = '';
  for (const [text, paint] of parts) {
    const short = cut(text, left);
    left -= cellsOf(short);
    line += paint === undefined || short === '' ? short : paint(short);
  }
  return `${line}${' '.repeat(left)}`;
}
