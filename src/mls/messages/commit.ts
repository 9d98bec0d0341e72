/** Commit and UpdatePath (RFC 9420 sections 12.4 and 7.6). */
import { concatBytes } from '@noble/hashes/utils.js';
import type { LeafNodeCommit } from 'ts-mls/leafNode.js';
import type { UpdatePath, UpdatePathNode } from 'ts-mls/updatePath.js';
import { type ByteReader, vector } from '../../protocol/bytes.ts';
import { MAX_PROPOSALS } from '../limits.ts';
import { ensure, Refusal } from '../refusal.ts';
import { readPresence } from '../tree/codec.ts';
import { leafBytes, readLeaf } from '../tree/leaf.ts';
import { type Proposal, proposalBytes, readProposal } from './proposal.ts';

/** A proposal in the commit itself, or the ProposalRef of one that was sent before. */
export type ProposalOrRef = { readonly proposal: Proposal } | { readonly ref: Uint8Array };

export interface Commit {
  readonly proposals: readonly ProposalOrRef[];
  readonly path: UpdatePath | undefined;
}

function readProposalOrRef(reader: ByteReader): ProposalOrRef {
  const type = reader.uint8();
  if (type === 1) return { proposal: readProposal(reader) };
  if (type === 2) return { ref: reader.vector() };
  throw new Refusal('malformed', `a ProposalOrRef of type ${type}`);
}

const proposalOrRefBytes = (item: ProposalOrRef): Uint8Array =>
  'ref' in item
    ? concatBytes(Uint8Array.of(2), vector(item.ref))
    : concatBytes(Uint8Array.of(1), proposalBytes(item.proposal));

function readPathNode(reader: ByteReader): UpdatePathNode {
  return {
    hpkePublicKey: reader.vector(),
    encryptedPathSecret: reader.list((item) => ({ kemOutput: item.vector(), ciphertext: item.vector() })),
  };
}

const pathNodeBytes = ({ hpkePublicKey, encryptedPathSecret }: UpdatePathNode): Uint8Array =>
  concatBytes(
    vector(hpkePublicKey),
    vector(
      ...encryptedPathSecret.map(({ kemOutput, ciphertext }) =>
        concatBytes(vector(kemOutput), vector(ciphertext)),
      ),
    ),
  );

export function readPath(reader: ByteReader): UpdatePath {
  const leafNode = readLeaf(reader);
  ensure(leafNode.leafNodeSource === 'commit', 'malformed', 'an UpdatePath with a leaf of another source');
  return { leafNode: leafNode satisfies LeafNodeCommit, nodes: reader.list(readPathNode) };
}

const pathBytes = ({ leafNode, nodes }: UpdatePath): Uint8Array =>
  concatBytes(leafBytes(leafNode), vector(...nodes.map(pathNodeBytes)));

export function readCommit(reader: ByteReader): Commit {
  const proposals = reader.list(readProposalOrRef);
  ensure(proposals.length <= MAX_PROPOSALS, 'limit', `a commit of ${proposals.length} proposals`);
  return { proposals, path: readPresence(reader) ? readPath(reader) : undefined };
}

export function commitBytes({ proposals, path }: Commit): Uint8Array {
  const list = vector(...proposals.map(proposalOrRefBytes));
  return path === undefined
    ? concatBytes(list, Uint8Array.of(0))
    : concatBytes(list, Uint8Array.of(1), pathBytes(path));
}
