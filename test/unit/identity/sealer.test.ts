import { describe, expect, it } from 'vitest';
import { createSealer } from '../../../src/identity/sealer.ts';
import { createSeededRandom } from '../../support/random.ts';

const key = createSeededRandom('key').bytes(32);
const sealer = createSealer(key, createSeededRandom('nonces'));
const plaintext = Buffer.from('a private key');

describe('a sealed value', () => {
  it('opens with the same key and context, also in another process', () => {
    const sealed = sealer.seal(plaintext, 'table!key');
    const again = createSealer(key, createSeededRandom('other nonces'));
    expect(again.open(sealed, 'table!key')).toEqual(plaintext);
    expect(again.keyId).toBe(sealer.keyId);
  });

  it('shows nothing of its content, and is another one each time', () => {
    const [one, two] = [sealer.seal(plaintext, 'x'), sealer.seal(plaintext, 'x')];
    expect(Buffer.from(one).includes(plaintext)).toBe(false);
    expect(one).not.toEqual(two);
  });

  it('does not open in another place or with another key', () => {
    const sealed = sealer.seal(plaintext, 'table!key');
    const other = createSealer(createSeededRandom('another').bytes(32), createSeededRandom('nonces'));
    expect(sealer.open(sealed, 'table!other')).toBeUndefined();
    expect(other.open(sealed, 'table!key')).toBeUndefined();
    expect(other.keyId).not.toBe(sealer.keyId);
  });

  it('does not open with any bit flipped or any byte missing', () => {
    const sealed = sealer.seal(plaintext, 'x');
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = Uint8Array.from(sealed);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(sealer.open(flipped, 'x')).toBeUndefined();
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(sealer.open(sealed.subarray(0, length), 'x')).toBeUndefined();
    }
  });

  it('does not need the seal key once the sealer is made', () => {
    const secret = Uint8Array.from(key);
    const forgetful = createSealer(secret, createSeededRandom('nonces'));
    secret.fill(0);
    expect(sealer.open(forgetful.seal(plaintext, 'x'), 'x')).toEqual(plaintext);
  });
});
