/**
 * Ciphersuite 0x0001 for ts-mls on node:crypto. Everything is computed synchronously behind the library's
 * promises: no thread pool round trip per hash, which makes whole operations several times faster than its
 * WebCrypto provider. States and messages of both are interchangeable.
 */
import type { CiphersuiteImpl } from 'ts-mls';
import type { Hash } from 'ts-mls/crypto/hash.js';
import type { Hpke, PrivateKey, PublicKey } from 'ts-mls/crypto/hpke.js';
import type { Kdf } from 'ts-mls/crypto/kdf.js';
import type { Signature } from 'ts-mls/crypto/signature.js';
import { CryptoError } from 'ts-mls/mlsError.js';
import type { Random } from '../../ports.ts';
import { deriveKeyPair, hpkeExport, hpkeOpen, hpkeSeal, setupRecipient, setupSender } from './hpke.ts';
import { ed25519Sign, ed25519Verify, generateKeyPair, KEY_BYTES, type KeyPair } from './okp.ts';
import {
  AEAD_KEY_BYTES,
  AEAD_NONCE_BYTES,
  aesGcmOpen,
  aesGcmSeal,
  constantTimeEqual,
  HASH_BYTES,
  hkdfExpand,
  hkdfExtract,
  hmacSha256,
  sha256,
} from './symmetric.ts';

/** Ciphersuite 0x0001 as ts-mls calls it. */
export const CIPHERSUITE_NAME = 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519';

const NO_AAD = new Uint8Array(0);

/**
 * ts-mls names WebCrypto's key types, but only ever hands a key back to the provider it came from. Ours are
 * raw bytes: a key object is made inside the one call that uses it.
 */
interface RawKey {
  readonly type: 'public' | 'private';
  readonly raw: Uint8Array;
}
const asPrivateKey = (raw: Uint8Array) =>
  ({ type: 'private', raw }) satisfies RawKey as unknown as PrivateKey;
const asPublicKey = (raw: Uint8Array) => ({ type: 'public', raw }) satisfies RawKey as unknown as PublicKey;
const rawOf = (key: PrivateKey | PublicKey): Uint8Array => (key as unknown as RawKey).raw;

/** Runs `step`; whatever a peer's bytes make it throw is the library's CryptoError. */
async function guarded<T>(what: string, step: () => T): Promise<T> {
  try {
    return step();
  } catch (cause) {
    throw new CryptoError(`${what} failed: ${cause instanceof Error ? cause.message : 'unknown reason'}`);
  }
}

function imported(key: Uint8Array): Uint8Array {
  if (key.length !== KEY_BYTES) throw new CryptoError(`an X25519 key has 32 bytes, not ${key.length}`);
  return key;
}

const hash: Hash = {
  digest: async (data) => sha256(data),
  mac: async (key, data) => hmacSha256(key, data),
  verifyMac: async (key, mac, data) => constantTimeEqual(mac, hmacSha256(key, data)),
};

const kdf: Kdf = {
  extract: async (salt, ikm) => hkdfExtract(salt, ikm),
  expand: async (prk, info, length) => hkdfExpand(prk, info, length),
  size: HASH_BYTES,
};

function createHpke(random: Random): Hpke {
  const sender = (publicKey: PublicKey, info: Uint8Array) => {
    const ephemeralKey = random.bytes(KEY_BYTES);
    const setup = setupSender(ephemeralKey, rawOf(publicKey), info);
    ephemeralKey.fill(0);
    return setup;
  };
  const opaque = ({ privateKey, publicKey }: KeyPair) => ({
    privateKey: asPrivateKey(privateKey),
    publicKey: asPublicKey(publicKey),
  });
  return {
    seal: (publicKey, plaintext, info, aad = NO_AAD) =>
      guarded('HPKE encryption', () => {
        const { enc, context } = sender(publicKey, info);
        return { enc, ct: hpkeSeal(context, aad, plaintext) };
      }),
    open: (privateKey, enc, ciphertext, info, aad = NO_AAD) =>
      guarded('HPKE decryption', () =>
        hpkeOpen(setupRecipient(rawOf(privateKey), enc, info), aad, ciphertext),
      ),
    exportSecret: (publicKey, exporterContext, length, info) =>
      guarded('HPKE export', () => {
        const { enc, context } = sender(publicKey, info);
        return { enc, secret: hpkeExport(context, exporterContext, length) };
      }),
    importSecret: (privateKey, exporterContext, enc, length, info) =>
      guarded('HPKE export', () =>
        hpkeExport(setupRecipient(rawOf(privateKey), enc, info), exporterContext, length),
      ),
    importPrivateKey: async (key) => asPrivateKey(imported(key)),
    importPublicKey: async (key) => asPublicKey(imported(key)),
    exportPrivateKey: async (key) => Uint8Array.from(rawOf(key)),
    exportPublicKey: async (key) => Uint8Array.from(rawOf(key)),
    encryptAead: async (key, nonce, aad = NO_AAD, plaintext) => aesGcmSeal(key, nonce, aad, plaintext),
    decryptAead: (key, nonce, aad = NO_AAD, ciphertext) =>
      guarded('decryption', () => aesGcmOpen(key, nonce, aad, ciphertext)),
    deriveKeyPair: async (ikm) => opaque(deriveKeyPair(ikm)),
    generateKeyPair: async () => opaque(generateKeyPair('X25519', random)),
    keyLength: AEAD_KEY_BYTES,
    nonceLength: AEAD_NONCE_BYTES,
  };
}

/** RFC 8410: what comes before the 32 bytes of an Ed25519 private key in PKCS#8. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A raw 32-byte signature key; ts-mls' own provider keeps them as PKCS#8, which is understood here too. */
function rawSignatureKey(key: Uint8Array): Uint8Array {
  if (key.length === KEY_BYTES) return key;
  const at = PKCS8_PREFIX.length;
  const isPkcs8 = key.length === at + KEY_BYTES && PKCS8_PREFIX.equals(key.subarray(0, at));
  if (!isPkcs8) throw new CryptoError('not an Ed25519 private key');
  return key.subarray(at);
}

function createSignature(random: Random): Signature {
  return {
    sign: (key, message) => guarded('signing', () => ed25519Sign(rawSignatureKey(key), message)),
    verify: async (key, message, signature) => ed25519Verify(key, message, signature),
    keygen: async () => {
      const { privateKey: signKey, publicKey } = generateKeyPair('Ed25519', random);
      return { signKey, publicKey };
    },
  };
}

/** The crypto of ciphersuite 0x0001 for every call into ts-mls; all randomness comes from `random`. */
export function createProvider(random: Random): CiphersuiteImpl {
  return {
    name: CIPHERSUITE_NAME,
    hash,
    kdf,
    hpke: createHpke(random),
    signature: createSignature(random),
    rng: { randomBytes: (length) => random.bytes(length) },
  };
}
