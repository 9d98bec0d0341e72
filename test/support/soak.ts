/** True in `npm run test:soak`, which runs all of what `npm test` draws a part of. */
export const SOAK = process.env.SOAK === '1';

/** These seeds, all in a soak; else as many as `count`, others each day, so that in time all are run. */
export function seedsOf(all: number, count: number): readonly number[] {
  if (SOAK) return Array.from({ length: all }, (_, seed) => seed);
  const day = Math.floor(Date.now() / 86_400_000);
  return Array.from({ length: count }, (_, i) => (day * count + i) % all);
}
