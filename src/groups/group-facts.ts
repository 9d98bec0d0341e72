/** A group taken apart: facts only, no judgement about the profile. Numbers are those of the MLS registries. */
import { bytesToHex } from '@noble/hashes/utils.js';
import type { PublicKey } from '../ids.ts';
import type { ExtensionData } from '../protocol/app-data-dictionary.ts';

export interface MemberFacts {
  readonly leafIndex: number;
  /** `basic` credential identity bytes, or undefined for another credential type. */
  readonly identity: Uint8Array | undefined;
  readonly signatureKey: Uint8Array;
  readonly capabilities: {
    readonly extensions: readonly number[];
    readonly proposals: readonly number[];
  };
  readonly leafExtensions: readonly ExtensionData[];
}

/** The account a leaf names. Whether it is a key at all is `judgeMember`'s question: that costs 0.3 ms. */
export const accountIn = ({ identity }: MemberFacts): PublicKey | undefined =>
  identity === undefined ? undefined : (bytesToHex(identity) as PublicKey);

/** One epoch of one group, as every member of it sees it. */
export interface GroupFacts {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  /** GroupContext extensions, in their order. */
  readonly extensions: readonly ExtensionData[];
  readonly members: readonly MemberFacts[];
  /** Leaf index of our own leaf. */
  readonly ownLeaf: number;
}

export type ProposalFact =
  | { readonly type: 'add'; readonly identity: Uint8Array | undefined }
  | { readonly type: 'remove'; readonly leafIndex: number }
  /** `update` undefined: the component is removed. */
  | {
      readonly type: 'app_data_update';
      readonly componentId: number;
      readonly update: Uint8Array | undefined;
    }
  | { readonly type: 'update' | 'self_remove' | 'psk' | 'group_context_extensions' };

export interface CommittedProposal {
  readonly fact: ProposalFact;
  /** Leaf index of who proposed it. */
  readonly sender: number;
  /** False when the committer wrote it into the commit itself. */
  readonly byReference: boolean;
}

/** What a commit says. */
export interface CommitChange {
  /** The epoch that the commit ends. */
  readonly epoch: bigint;
  /** Leaf index of the committer. */
  readonly committer: number;
  readonly proposals: readonly CommittedProposal[];
}
