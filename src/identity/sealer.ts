import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync } from 'node:crypto';
import type { Random, Sealer } from '../ports.ts';

const CIPHER = 'aes-256-gcm';
/** NIST SP 800-38D: random 96-bit nonces are good for 2^32 values under one key. */
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * AES-256-GCM under a key derived from `sealKey` (32 bytes or more, not kept: the caller may zero it). A sealed
 * value is nonce, ciphertext and tag in a row.
 */
export function createSealer(sealKey: Uint8Array, random: Random): Sealer {
  const key = createSecretKey(derive(sealKey, 'dialogd seal: aes-256-gcm', 32));
  return {
    keyId: derive(sealKey, 'dialogd seal: key id', 16).toString('hex'),
    seal: (plaintext, context) => {
      const nonce = random.bytes(NONCE_LENGTH);
      const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(context));
      return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    },
    open: (sealed, context) => {
      if (sealed.length < NONCE_LENGTH + TAG_LENGTH) return undefined;
      const nonce = sealed.subarray(0, NONCE_LENGTH);
      const tag = sealed.subarray(-TAG_LENGTH);
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_LENGTH });
      decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
      const plaintext = decipher.update(sealed.subarray(NONCE_LENGTH, -TAG_LENGTH));
      try {
        decipher.final();
        return plaintext;
      } catch {
        return undefined;
      }
    },
  };
}

const derive = (sealKey: Uint8Array, purpose: string, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', sealKey, '', purpose, length));
