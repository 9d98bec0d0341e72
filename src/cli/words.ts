import { inWords } from '../durations.ts';

/** An instant as seen from `now`: `5 h ago`, `in 83 d`. */
export function when(at: number, now: number): string {
  if (at === now) return 'now';
  return at < now ? `${inWords(now - at)} ago` : `in ${inWords(at - now)}`;
}

/** The same, or nothing to say. */
export const whenever = (at: number | undefined, now: number): string =>
  at === undefined ? '-' : when(at, now);

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** `last_resort` as a person reads it. */
export const spaced = (name: string): string => name.replaceAll('_', ' ');

/**
 * Every text in an answer without control and formatting characters: much of it comes from relays, and none of
 * it may move the cursor or turn the reading direction.
 */
export function printable<T>(value: T): T {
  if (typeof value === 'string') return value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd') as T;
  if (Array.isArray(value)) return value.map(printable) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, printable(member)])) as T;
}
