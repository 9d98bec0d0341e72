/**
 * Component 0x8009: the account's consent to one leaf signature key (protocol.md section 1; Marmot
 * account-identity-proof-v2). 104 bytes: `signer_pubkey[32] || uint64 created_at || signature[64]`.
 */
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import type { PublicKey, UnixSeconds } from '../ids.ts';
import type { EventCrypto, EventTemplate } from '../ports.ts';
import type { NostrEvent } from '../records.ts';
import { decodeExactly, ifWellFormed, malformed, uint64 } from './bytes.ts';
import { CIPHERSUITE, COMPONENT, idText, KIND, SIGNATURE_SCHEME } from './kinds.ts';
import { eventId } from './nip01.ts';

/** The part of the signed kind 450 event that is not known already. */
type AccountProof = Pick<NostrEvent, 'pubkey' | 'created_at' | 'sig'>;

/** What the account signs to let `signatureKey` (32 bytes, Ed25519) speak for it in MLS. */
export function accountProofTemplate(signatureKey: Uint8Array, createdAt: UnixSeconds): EventTemplate {
  return {
    kind: KIND.accountProof,
    created_at: createdAt,
    tags: [
      ['d', 'marmot.account-identity-proof.v2'],
      ['component', idText(COMPONENT.accountIdentityProof)],
      ['ciphersuite', idText(CIPHERSUITE)],
      ['signature_scheme', idText(SIGNATURE_SCHEME)],
      ['mls_signature_key', bytesToHex(signatureKey)],
    ],
    content: 'Authorize this MLS leaf key for my Marmot account',
  };
}

/** The 104 bytes, from the signed kind 450 event. */
export function encodeAccountProof({ pubkey, created_at, sig }: AccountProof): Uint8Array {
  return concatBytes(hexToBytes(pubkey), uint64(created_at), hexToBytes(sig));
}

/** Errors: `malformed`. */
export function decodeAccountProof(bytes: Uint8Array): AccountProof {
  return decodeExactly(bytes, (reader) => {
    const pubkey = bytesToHex(reader.bytes(32)) as PublicKey;
    const createdAt = reader.uint64();
    if (createdAt > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed('a created_at that JSON cannot hold');
    return { pubkey, created_at: Number(createdAt) as UnixSeconds, sig: bytesToHex(reader.bytes(64)) };
  });
}

export type AccountProofVerdict = 'valid' | 'malformed' | 'other_account' | 'bad_signature';

/** Whether these bytes are the consent of the account `identity` (32 bytes) to `signatureKey`. */
export function checkAccountProof(
  bytes: Uint8Array,
  signatureKey: Uint8Array,
  identity: Uint8Array,
  verifySignature: EventCrypto['verifySignature'],
): AccountProofVerdict {
  const proof = ifWellFormed(() => decodeAccountProof(bytes));
  if (proof === undefined) return 'malformed';
  if (proof.pubkey !== bytesToHex(identity)) return 'other_account';
  const signed = { pubkey: proof.pubkey, ...accountProofTemplate(signatureKey, proof.created_at) };
  return verifySignature(eventId(signed), proof.pubkey, proof.sig) ? 'valid' : 'bad_signature';
}
