/** A state and a commit as facts, for the pure rooms: nothing outside this room knows the library's types. */
import type { Credential } from 'ts-mls';
import { extensionTypeToNumber } from 'ts-mls/extension.js';
import type { CommitChange, GroupFacts, ProposalFact } from '../../groups/group-facts.ts';
import type { ExtensionData } from '../../protocol/app-data-dictionary.ts';
import type { Proposal } from '../messages/proposal.ts';
import { leavesOf } from '../tree/rules.ts';
import type { SentProposal } from './proposal-list.ts';
import type { GroupState } from './state.ts';

type LibraryExtensions = GroupState['context']['extensions'];

const extensionFacts = (extensions: LibraryExtensions): ExtensionData[] =>
  extensions.map(({ extensionType, extensionData }) => ({
    type: extensionTypeToNumber(extensionType),
    data: extensionData,
  }));

const identityOf = (credential: Credential): Uint8Array | undefined =>
  credential.credentialType === 'basic' ? credential.identity : undefined;

/** Byte strings are the state's own: do not change them. */
export const groupFacts = ({ context, tree, path }: GroupState): GroupFacts => ({
  groupId: context.groupId,
  epoch: context.epoch,
  extensions: extensionFacts(context.extensions),
  members: leavesOf(tree).map(({ leafIndex, leaf }) => ({
    leafIndex,
    identity: identityOf(leaf.credential),
    signatureKey: leaf.signaturePublicKey,
    capabilities: leaf.capabilities,
    leafExtensions: extensionFacts(leaf.extensions),
  })),
  ownLeaf: path.leafIndex,
});

export function proposalFact(proposal: Proposal): ProposalFact {
  switch (proposal.type) {
    case 'add':
      return { type: 'add', identity: identityOf(proposal.keyPackage.leafNode.credential) };
    case 'remove':
      return { type: 'remove', leafIndex: proposal.removed };
    case 'app_data_update':
      return proposal;
    default:
      return { type: proposal.type };
  }
}

export const commitChange = (
  epoch: bigint,
  committer: number,
  proposals: readonly SentProposal[],
): CommitChange => ({
  epoch,
  committer,
  proposals: proposals.map(({ proposal, ...sent }) => ({ fact: proposalFact(proposal), ...sent })),
});
