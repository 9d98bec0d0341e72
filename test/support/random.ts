import { createHash } from 'node:crypto';
import type { Random } from '../../src/ports.ts';

/** Bytes that depend on `seed` alone: the SHA-256 stream of `seed` and a counter. */
export function createSeededRandom(seed: number | string): Random {
  let counter = 0;
  let pool = new Uint8Array(0);
  return {
    bytes(length) {
      const out = new Uint8Array(length);
      for (let filled = 0; filled < length; ) {
        if (pool.length === 0) pool = createHash('sha256').update(`${seed}:${counter++}`).digest();
        const part = pool.subarray(0, length - filled);
        out.set(part, filled);
        pool = pool.subarray(part.length);
        filled += part.length;
      }
      return out;
    },
  };
}

/** A whole number in [0, below), drawn from 4 bytes. */
export function drawBelow(random: Random, below: number): number {
  const bytes = random.bytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) % below;
}
