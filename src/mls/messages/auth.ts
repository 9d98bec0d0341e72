/** Who sent a message: signatures, membership tags, proposal references, transcript (RFC 9420 sections 6, 8.2). */
import { concatBytes } from '@noble/hashes/utils.js';
import { encodeGroupContext, type GroupContext } from 'ts-mls/groupContext.js';
import { vector } from '../../protocol/bytes.ts';
import { refHash, signWithLabel, verifyWithLabel } from '../crypto/labelled.ts';
import { constantTimeEqual, hmacSha256, sha256 } from '../crypto/symmetric.ts';
import { ensure } from '../refusal.ts';
import {
  type AuthData,
  authBytes,
  type FramedContent,
  framedBytes,
  type HandshakeContent,
  messageHead,
  type PublicMessage,
  WIRE,
  type Wireformat,
} from './framing.ts';

/** FramedContentTBS of section 6.1; a member signs for the GroupContext it is in. */
const tbs = (wireformat: Wireformat, framed: FramedContent, context: GroupContext): Uint8Array =>
  concatBytes(messageHead(wireformat), framedBytes(framed), encodeGroupContext(context));

export const signFramed = (
  wireformat: Wireformat,
  framed: FramedContent,
  context: GroupContext,
  privateKey: Uint8Array,
): Uint8Array => signWithLabel(privateKey, 'MLS 1.0 FramedContentTBS', tbs(wireformat, framed, context));

export function checkFramed(
  wireformat: Wireformat,
  framed: FramedContent,
  context: GroupContext,
  signature: Uint8Array,
  publicKey: Uint8Array,
): void {
  ensure(
    verifyWithLabel(publicKey, 'MLS 1.0 FramedContentTBS', tbs(wireformat, framed, context), signature),
    'unauthentic',
    'the signature of a message is invalid',
  );
}

const membershipTag = (
  framed: FramedContent,
  auth: AuthData,
  context: GroupContext,
  membershipKey: Uint8Array,
): Uint8Array => hmacSha256(membershipKey, tbs(WIRE.public, framed, context), authBytes(auth));

export function protectPublic(
  framed: FramedContent<HandshakeContent>,
  auth: AuthData,
  context: GroupContext,
  membershipKey: Uint8Array,
): PublicMessage {
  return { framed, auth, membershipTag: membershipTag(framed, auth, context, membershipKey) };
}

/** Section 6.2: from a member of this epoch. The signature is checked once the sender's leaf is known. */
export function checkMembershipTag(
  message: PublicMessage,
  context: GroupContext,
  membershipKey: Uint8Array,
): void {
  const expected = membershipTag(message.framed, message.auth, context, membershipKey);
  ensure(constantTimeEqual(expected, message.membershipTag), 'unauthentic', 'the membership tag is invalid');
}

const wireNumber = (wireformat: Wireformat): Uint8Array => messageHead(wireformat).subarray(2);

/** ProposalRef of a proposal that came as a PublicMessage (section 5.2). */
export const proposalRef = (framed: FramedContent<HandshakeContent>, auth: AuthData): Uint8Array =>
  refHash(
    'MLS 1.0 Proposal Reference',
    concatBytes(wireNumber(WIRE.public), framedBytes(framed), authBytes(auth)),
  );

/** Section 8.2: the transcript up to a commit, with the confirmation tag of that commit. */
export const interimTranscript = (
  confirmedTranscriptHash: Uint8Array,
  confirmationTag: Uint8Array,
): Uint8Array => sha256(concatBytes(confirmedTranscriptHash, vector(confirmationTag)));

/** Section 8.2: the transcript with one more commit. */
export const confirmedTranscript = (
  interim: Uint8Array,
  framed: FramedContent<HandshakeContent>,
  signature: Uint8Array,
): Uint8Array =>
  sha256(concatBytes(interim, wireNumber(WIRE.public), framedBytes(framed), vector(signature)));
