/** The symmetric half of ciphersuite 0x0001 on node:crypto: SHA-256, HMAC, HKDF (RFC 5869), AES-128-GCM. */
import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';

export const HASH_BYTES = 32;
export const AEAD_KEY_BYTES = 16;
export const AEAD_NONCE_BYTES = 12;
const AEAD_TAG_BYTES = 16;
const EXPAND_LIMIT_BYTES = 255 * HASH_BYTES;

export function sha256(data: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(data).digest());
}

export function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return new Uint8Array(hmac.digest());
}

/** Equality in a time that depends on the lengths alone. */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** RFC 5869 section 2.2. */
export const hkdfExtract = (salt: Uint8Array, ikm: Uint8Array): Uint8Array => hmacSha256(salt, ikm);

/** RFC 5869 section 2.3; `length` at most 8,160 bytes. */
export function hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (length > EXPAND_LIMIT_BYTES) throw new RangeError('HKDF cannot expand to more than 8,160 bytes');
  const output = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  for (let offset = 0, counter = 1; offset < length; offset += HASH_BYTES, counter++) {
    block = hmacSha256(prk, block, info, Uint8Array.of(counter));
    output.set(block.subarray(0, length - offset), offset);
  }
  return output;
}

/** Ciphertext with the 16-byte tag at its end (RFC 5116). */
export function aesGcmSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv('aes-128-gcm', key, nonce).setAAD(aad);
  return new Uint8Array(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
}

/** The plaintext; throws when the tag does not match. */
export function aesGcmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Uint8Array {
  const tagAt = sealed.length - AEAD_TAG_BYTES;
  if (tagAt < 0) throw new RangeError('the ciphertext is shorter than its tag');
  const decipher = createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: AEAD_TAG_BYTES })
    .setAAD(aad)
    .setAuthTag(sealed.subarray(tagAt));
  return new Uint8Array(Buffer.concat([decipher.update(sealed.subarray(0, tagAt)), decipher.final()]));
}
