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
