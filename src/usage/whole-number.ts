import { InvalidArgumentError } from 'commander';

/** Parses the number an option takes. Throws what commander reports as wrong usage. */
export function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('write a whole number');
}
