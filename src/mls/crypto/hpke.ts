/**
 * HPKE in base mode (RFC 9180) for DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM: the one suite of MLS
 * ciphersuite 0x0001. Keys are raw bytes; randomness is an argument, so a fixed ephemeral key gives the
 * vectors of RFC 9180 appendix A.1.
 */
import { KEY_BYTES, type KeyPair, publicKeyOf, x25519 } from './okp.ts';
import {
  AEAD_KEY_BYTES,
  AEAD_NONCE_BYTES,
  aesGcmOpen,
  aesGcmSeal,
  HASH_BYTES,
  hkdfExpand,
  hkdfExtract,
} from './symmetric.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const uint16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);

const EMPTY = new Uint8Array(0);
const VERSION_LABEL = ascii('HPKE-v1');
const MODE_BASE = Uint8Array.of(0);
/** KEM id 0x0020; then KDF id 0x0001 and AEAD id 0x0001 (RFC 9180 section 7). */
const KEM_SUITE = Uint8Array.of(...ascii('KEM'), 0x00, 0x20);
const HPKE_SUITE = Uint8Array.of(...ascii('HPKE'), 0x00, 0x20, 0x00, 0x01, 0x00, 0x01);

/** What both sides of one encapsulation share (RFC 9180 section 5.1). */
export interface HpkeContext {
  readonly key: Uint8Array;
  readonly baseNonce: Uint8Array;
  readonly exporterSecret: Uint8Array;
}

function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array {
  return hkdfExtract(salt, Buffer.concat([VERSION_LABEL, suite, ascii(label), ikm]));
}

function labeledExpand(
  suite: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Uint8Array {
  return hkdfExpand(prk, Buffer.concat([uint16(length), VERSION_LABEL, suite, ascii(label), info]), length);
}

/** DeriveKeyPair of RFC 9180 section 7.1.3. */
export function deriveKeyPair(ikm: Uint8Array): KeyPair {
  const prk = labeledExtract(KEM_SUITE, EMPTY, 'dkp_prk', ikm);
  const privateKey = labeledExpand(KEM_SUITE, prk, 'sk', EMPTY, KEY_BYTES);
  return { privateKey, publicKey: publicKeyOf('X25519', privateKey) };
}

/** KeySchedule of RFC 9180 section 5.1 over ExtractAndExpand of section 4.1, in base mode: no PSK. */
function keySchedule(dh: Uint8Array, enc: Uint8Array, recipient: Uint8Array, info: Uint8Array): HpkeContext {
  const eaePrk = labeledExtract(KEM_SUITE, EMPTY, 'eae_prk', dh);
  const kemContext = Buffer.concat([enc, recipient]);
  const sharedSecret = labeledExpand(KEM_SUITE, eaePrk, 'shared_secret', kemContext, HASH_BYTES);
  const pskIdHash = labeledExtract(HPKE_SUITE, EMPTY, 'psk_id_hash', EMPTY);
  const infoHash = labeledExtract(HPKE_SUITE, EMPTY, 'info_hash', info);
  const context = Buffer.concat([MODE_BASE, pskIdHash, infoHash]);
  const secret = labeledExtract(HPKE_SUITE, sharedSecret, 'secret', EMPTY);
  for (const spent of [dh, eaePrk, sharedSecret]) spent.fill(0);
  return {
    key: labeledExpand(HPKE_SUITE, secret, 'key', context, AEAD_KEY_BYTES),
    baseNonce: labeledExpand(HPKE_SUITE, secret, 'base_nonce', context, AEAD_NONCE_BYTES),
    exporterSecret: labeledExpand(HPKE_SUITE, secret, 'exp', context, HASH_BYTES),
  };
}

/** SetupBaseS (RFC 9180 section 5.1.1) with the ephemeral private key given; `enc` goes to the recipient. */
export function setupSender(ephemeralKey: Uint8Array, recipient: Uint8Array, info: Uint8Array) {
  const { secret, publicKey: enc } = x25519(ephemeralKey, recipient);
  return { enc, context: keySchedule(secret, enc, recipient, info) };
}

/** SetupBaseR (RFC 9180 section 5.1.1). */
export function setupRecipient(privateKey: Uint8Array, enc: Uint8Array, info: Uint8Array): HpkeContext {
  const { secret, publicKey } = x25519(privateKey, enc);
  return keySchedule(secret, enc, publicKey, info);
}

/** The first Seal of a context; MLS never makes a second one (RFC 9420 section 5.1.3). */
export const hpkeSeal = (context: HpkeContext, aad: Uint8Array, plaintext: Uint8Array): Uint8Array =>
  aesGcmSeal(context.key, context.baseNonce, aad, plaintext);

/** The first Open of a context; throws when the ciphertext is not from its other side. */
export const hpkeOpen = (context: HpkeContext, aad: Uint8Array, sealed: Uint8Array): Uint8Array =>
  aesGcmOpen(context.key, context.baseNonce, aad, sealed);

/** Context.Export of RFC 9180 section 5.3. */
export const hpkeExport = (context: HpkeContext, exporterContext: Uint8Array, length: number): Uint8Array =>
  labeledExpand(HPKE_SUITE, context.exporterSecret, 'sec', exporterContext, length);
