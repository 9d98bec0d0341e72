import type { Random } from './ports.ts';

/** A number in [0, 1), for jitter. */
export function fraction(random: Random): number {
  const [a = 0, b = 0, c = 0] = random.bytes(3);
  return ((a << 16) | (b << 8) | c) / 0x1000000;
}
