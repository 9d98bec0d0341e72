/**
 * Octet key pairs (RFC 8037) on node:crypto: X25519 (RFC 7748) and Ed25519 (RFC 8032), in raw 32-byte keys.
 *
 * A key object lives for one operation only. Keys enter as JWK because OpenSSL's PKCS#8 decoder is ten times
 * slower, and are never made by `generateKeyPairSync`: on Node 20 a key it made deadlocks the process when a
 * garbage collection falls into its `export({ format: 'jwk' })`. An imported key has no such job behind it.
 */
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  sign as signDetached,
  verify as verifyDetached,
} from 'node:crypto';
import type { Random } from '../../ports.ts';

type Curve = 'X25519' | 'Ed25519';

/** Length of every raw key of both curves, in bytes. */
export const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

function privateKeyObject(crv: Curve, privateKey: Uint8Array): KeyObject {
  // OpenSSL computes the public half itself; `x` has to be there but is not read.
  return createPrivateKey({ key: { kty: 'OKP', crv, d: base64url(privateKey), x: '' }, format: 'jwk' });
}

function publicKeyObject(crv: Curve, publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv, x: base64url(publicKey) }, format: 'jwk' });
}

function rawPublicKey(privateKey: KeyObject): Uint8Array {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return new Uint8Array(Buffer.from(x as string, 'base64url'));
}

export interface KeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** A fresh key pair; any 32 bytes are a private key of both curves. */
export function generateKeyPair(crv: Curve, random: Random): KeyPair {
  const privateKey = random.bytes(KEY_BYTES);
  return { privateKey, publicKey: publicKeyOf(crv, privateKey) };
}

/** The 32-byte public key of a 32-byte private key. */
export function publicKeyOf(crv: Curve, privateKey: Uint8Array): Uint8Array {
  return rawPublicKey(privateKeyObject(crv, privateKey));
}

/**
 * X25519 shared secret, and our own public key, which every use of it hashes as well. Throws when the secret
 * is all zero: a peer key of small order (RFC 7748 section 6.1).
 */
export function x25519(privateKey: Uint8Array, peer: Uint8Array) {
  const own = privateKeyObject('X25519', privateKey);
  const secret = new Uint8Array(
    diffieHellman({ privateKey: own, publicKey: publicKeyObject('X25519', peer) }),
  );
  return { secret, publicKey: rawPublicKey(own) };
}

/** An Ed25519 private key: raw, or imported by whoever signs more than once with it in one go. */
export type SigningKey = Uint8Array | KeyObject;

export const importSigningKey = (privateKey: Uint8Array): SigningKey =>
  privateKeyObject('Ed25519', privateKey);

/** The 64-byte Ed25519 signature. */
export function ed25519Sign(key: SigningKey, message: Uint8Array): Uint8Array {
  const imported = key instanceof Uint8Array ? privateKeyObject('Ed25519', key) : key;
  return new Uint8Array(signDetached(null, message, imported));
}

/** False for anything that is not a valid signature, keys and signatures of a wrong length included. */
export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  return verifyDetached(null, message, publicKeyObject('Ed25519', publicKey), signature);
}
