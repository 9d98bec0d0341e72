import fc from 'fast-check';
import { expect } from 'vitest';
import { MALFORMED } from './samples.ts';

/** Inputs for each property: few in `npm test`, 10^6 in `npm run fuzz`. */
const FUZZ_RUNS = Number(process.env.FUZZ_RUNS ?? 1_000);
export const FUZZ = { numRuns: FUZZ_RUNS } as const;
/** For `test`: what that many runs may take on a slow machine. */
export const FUZZ_TIMEOUT_MS = 30_000 + 20 * FUZZ_RUNS;
/** No single input may keep the process busy for longer; generous, for machines that do other work too. */
const LIMIT_MS = 1_000;

type Edit = (bytes: Uint8Array) => Uint8Array;

const place = fc.double({ min: 0, max: 1, noNaN: true });
const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** One change to a message: bits and bytes, cuts, insertions, and pieces moved or repeated. */
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(place, fc.nat(255)).map(
    ([at, value]): Edit =>
      (bytes) => {
        const copy = bytes.slice();
        copy[Math.floor(at * bytes.length)] = value;
        return copy;
      },
  ),
  fc.tuple(place, place).map(
    ([from, length]): Edit =>
      (bytes) => {
        const start = Math.floor(from * bytes.length);
        return join(bytes.subarray(0, start), bytes.subarray(start + Math.ceil(length * 16)));
      },
  ),
  fc.tuple(place, fc.uint8Array({ maxLength: 16 })).map(
    ([at, piece]): Edit =>
      (bytes) => {
        const start = Math.floor(at * bytes.length);
        return join(bytes.subarray(0, start), piece, bytes.subarray(start));
      },
  ),
  fc.tuple(place, place, place).map(
    ([from, to, at]): Edit =>
      (bytes) => {
        const [start, end] = [from, to].map((x) => Math.floor(x * bytes.length)).sort((a, b) => a - b);
        const target = Math.floor(at * bytes.length);
        return join(bytes.subarray(0, target), bytes.subarray(start, end), bytes.subarray(target));
      },
  ),
  place.map(
    (length): Edit =>
      (bytes) =>
        bytes.slice(0, Math.floor(length * bytes.length)),
  ),
);

/** Valid messages with one to four changes. */
export const mutated = (...valid: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(fc.constantFrom(...valid), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([bytes, edits]) => edits.reduce((changed, change) => change(changed), bytes));

/** What `decode` makes of `bytes`, undefined when they are malformed; anything else it throws is a failure. */
export function decodedOrMalformed<T>(decode: (bytes: Uint8Array) => T, bytes: Uint8Array): T | undefined {
  const start = performance.now();
  try {
    return decode(bytes);
  } catch (error) {
    expect(error).toEqual(MALFORMED);
    return undefined;
  } finally {
    expect(performance.now() - start).toBeLessThan(LIMIT_MS);
  }
}
