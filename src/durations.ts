const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** A length of time as a person says it, in the largest unit that fits twice: `83 d`, `36 h`, `5 min`, `40 s`. */
export function inWords(lengthSec: number): string {
  const length = Math.max(0, Math.round(lengthSec));
  const unit = UNITS.find(([, sec]) => length >= 2 * sec);
  return unit === undefined ? `${length} s` : `${Math.floor(length / unit[1])} ${unit[0]}`;
}

/** An instant, in whole Unix seconds, as RFC 3339 writes it: `2026-11-22T21:44:19Z`. */
export const inUtc = (at: number): string => new Date(at * 1_000).toISOString().replace('.000', '');
