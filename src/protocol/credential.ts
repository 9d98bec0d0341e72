/** The account named by an MLS credential: its identity is the raw x-only public key (protocol.md section 1). */
import { schnorr } from '@noble/curves/secp256k1.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { PublicKey } from '../ids.ts';

/** The account of a `basic` credential; undefined when the identity is not a valid x-only key (BIP-340 lift_x). */
export function accountOf(identity: Uint8Array | undefined): PublicKey | undefined {
  if (identity?.length !== 32) return undefined;
  const hex = bytesToHex(identity);
  try {
    schnorr.utils.lift_x(BigInt(`0x${hex}`));
  } catch {
    return undefined;
  }
  return hex as PublicKey;
}
