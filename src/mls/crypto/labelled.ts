/** Labelled hashes and signatures of RFC 9420, synchronously; labels are given with their "MLS 1.0 " prefix. */
import { concatBytes } from '@noble/hashes/utils.js';
import { vector } from '../../protocol/bytes.ts';
import { ed25519Sign, ed25519Verify, type SigningKey } from './okp.ts';
import { sha256 } from './symmetric.ts';

/** RefHashInput and SignContent have this one shape: `opaque label<V>; opaque content<V>`. */
const labelled = (label: string, content: Uint8Array): Uint8Array =>
  concatBytes(vector(new TextEncoder().encode(label)), vector(content));

/** RefHash of RFC 9420 section 5.2. */
export const refHash = (label: string, value: Uint8Array): Uint8Array => sha256(labelled(label, value));

/** SignWithLabel of RFC 9420 section 5.1.2. */
export const signWithLabel = (key: SigningKey, label: string, content: Uint8Array): Uint8Array =>
  ed25519Sign(key, labelled(label, content));

/** VerifyWithLabel of RFC 9420 section 5.1.2; false for keys and signatures of any wrong form. */
export const verifyWithLabel = (
  publicKey: Uint8Array,
  label: string,
  content: Uint8Array,
  signature: Uint8Array,
): boolean => ed25519Verify(publicKey, labelled(label, content), signature);
