/**
 * FramedContent and PublicMessage (RFC 9420 section 6), for the one kind of sender the profile has: a member.
 * Our own codec, because proposals and commits inside are (see proposal.ts).
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { wireformats } from 'ts-mls/wireformat.js';
import { type ByteReader, uint16, uint32, uint64, vector } from '../../protocol/bytes.ts';
import { MLS10 } from '../../protocol/kinds.ts';
import { ensure, Refusal } from '../refusal.ts';
import { type Commit, commitBytes, readCommit } from './commit.ts';
import { type Proposal, proposalBytes, readProposal } from './proposal.ts';

export const WIRE = {
  public: wireformats.mls_public_message,
  private: wireformats.mls_private_message,
  welcome: wireformats.mls_welcome,
} as const;
export type Wireformat = (typeof WIRE)[keyof typeof WIRE];

export type Content =
  | { readonly type: 'application'; readonly data: Uint8Array }
  | { readonly type: 'proposal'; readonly proposal: Proposal }
  | { readonly type: 'commit'; readonly commit: Commit };

export interface FramedContent<C extends Content = Content> {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  /** Leaf index of the member that sent it. */
  readonly sender: number;
  readonly authenticatedData: Uint8Array;
  readonly content: C;
}

export type HandshakeContent = Exclude<Content, { type: 'application' }>;

/** `confirmationTag` is there in commits and only there. */
export interface AuthData {
  readonly signature: Uint8Array;
  readonly confirmationTag: Uint8Array | undefined;
}

export interface PublicMessage {
  readonly framed: FramedContent<HandshakeContent>;
  readonly auth: AuthData;
  readonly membershipTag: Uint8Array;
}

const CONTENT_TYPE = { application: 1, proposal: 2, commit: 3 } as const;
const MEMBER = 1;

/** The two numbers that every MLSMessage begins with. */
export const messageHead = (wireformat: Wireformat): Uint8Array =>
  concatBytes(uint16(MLS10), uint16(wireformat));

function contentBytes(content: Content): Uint8Array {
  const type = Uint8Array.of(CONTENT_TYPE[content.type]);
  switch (content.type) {
    case 'application':
      return concatBytes(type, vector(content.data));
    case 'proposal':
      return concatBytes(type, proposalBytes(content.proposal));
    case 'commit':
      return concatBytes(type, commitBytes(content.commit));
  }
}

export const framedBytes = (framed: FramedContent): Uint8Array =>
  concatBytes(
    vector(framed.groupId),
    uint64(framed.epoch),
    Uint8Array.of(MEMBER),
    uint32(framed.sender),
    vector(framed.authenticatedData),
    contentBytes(framed.content),
  );

export const authBytes = ({ signature, confirmationTag }: AuthData): Uint8Array =>
  confirmationTag === undefined ? vector(signature) : concatBytes(vector(signature), vector(confirmationTag));

function readHandshakeContent(reader: ByteReader): HandshakeContent {
  const type = reader.uint8();
  if (type === CONTENT_TYPE.proposal) return { type: 'proposal', proposal: readProposal(reader) };
  if (type === CONTENT_TYPE.commit) return { type: 'commit', commit: readCommit(reader) };
  throw new Refusal('malformed', `a PublicMessage with content of type ${type}`);
}

/** The body of a PublicMessage. Refusals: `malformed`, `unsupported` (sender or proposal), `limit`. */
export function readPublicMessage(reader: ByteReader): PublicMessage {
  const [groupId, epoch, senderType] = [reader.vector(), reader.uint64(), reader.uint8()];
  ensure(senderType === MEMBER, 'unsupported', `a sender of type ${senderType}`);
  const [sender, authenticatedData] = [reader.uint32(), reader.vector()];
  const content = readHandshakeContent(reader);
  const signature = reader.vector();
  const confirmationTag = content.type === 'commit' ? reader.vector() : undefined;
  return {
    framed: { groupId, epoch, sender, authenticatedData, content },
    auth: { signature, confirmationTag },
    membershipTag: reader.vector(),
  };
}

export const publicMessageBytes = ({ framed, auth, membershipTag }: PublicMessage): Uint8Array =>
  concatBytes(messageHead(WIRE.public), framedBytes(framed), authBytes(auth), vector(membershipTag));
