/** Following a commit of another member (RFC 9420 section 12.4.2). */
import type { CiphersuiteImpl } from 'ts-mls';
import type { PskIndex } from 'ts-mls/pskIndex.js';
import type { UpdatePath } from 'ts-mls/updatePath.js';
import type { CommitChange } from '../../groups/group-facts.ts';
import { constantTimeEqual } from '../crypto/symmetric.ts';
import type { Commit } from '../messages/commit.ts';
import type { FramedContent, PublicMessage } from '../messages/framing.ts';
import { ensure } from '../refusal.ts';
import { followPath, leafOf, type PathOutcome } from '../tree/path.ts';
import { checkLeafSignature, checkMembership, leafRules } from '../tree/rules.ts';
import { nextEpoch } from './epoch.ts';
import { commitChange } from './facts.ts';
import { type Applied, applyProposals } from './proposal-apply.ts';
import { checkProposalList, needsPath, resolveProposals, type SentProposal } from './proposal-list.ts';
import { allSecretsOf, consumedBy, erase, type GroupState } from './state.ts';

export type CommitOutcome =
  | {
      readonly kind: 'commit';
      readonly state: GroupState;
      readonly change: CommitChange;
      readonly consumed: readonly Uint8Array[];
    }
  /** The commit removes our leaf: there is no next state, and `consumed` is everything the old one held. */
  | { readonly kind: 'removed'; readonly change: CommitChange; readonly consumed: readonly Uint8Array[] };

type CommitContent = FramedContent<{ readonly type: 'commit'; readonly commit: Commit }>;

/** The sender is authenticated already. Throws refusals. */
export async function processCommit(
  cs: CiphersuiteImpl,
  state: GroupState,
  framed: CommitContent,
  auth: PublicMessage['auth'],
  psks: PskIndex,
): Promise<CommitOutcome> {
  const { commit } = framed.content;
  const proposals = resolveProposals(commit.proposals, state.pending, framed.sender);
  checkProposalList(proposals, framed.sender, state);
  ensure(commit.path !== undefined || !needsPath(proposals), 'invalid', 'a commit without its UpdatePath');
  const applied = applyProposals(proposals, state.tree, state.context);
  if (commit.path !== undefined) checkPathLeaf(applied, framed.sender, commit.path);
  const change = commitChange(state.context.epoch, framed.sender, proposals);
  // Asked of the proposals, not of the tree: somebody may have been added to the place we had.
  if (proposals.some((sent) => removedLeaf(sent) === state.path.leafIndex)) {
    return { kind: 'removed', change, consumed: allSecretsOf(state) };
  }
  const path = await follow(cs, state, framed, applied);
  const epoch = await nextEpoch(
    {
      state,
      framed,
      signature: auth.signature,
      applied,
      path,
      proposals: proposals.map(({ proposal }) => proposal),
      psks,
    },
    cs,
  );
  erase([epoch.joinerSecret, epoch.welcomeSecret, epoch.pskSecret]);
  const confirmed =
    auth.confirmationTag !== undefined &&
    constantTimeEqual(epoch.state.confirmationTag, auth.confirmationTag);
  ensure(confirmed, 'unauthentic', 'the confirmation tag of a commit is invalid');
  return { kind: 'commit', state: epoch.state, change, consumed: consumedBy(state, epoch.state) };
}

const removedLeaf = ({ proposal, sender }: SentProposal): number | undefined => {
  if (proposal.type === 'remove') return proposal.removed;
  return proposal.type === 'self_remove' ? sender : undefined;
};

/** The leaf that a committer gives itself (section 7.3). */
function checkPathLeaf({ tree, context }: Applied, sender: number, { leafNode }: UpdatePath): void {
  const isNew = !constantTimeEqual(leafOf(tree, sender).hpkePublicKey, leafNode.hpkePublicKey);
  ensure(isNew, 'invalid', 'an UpdatePath without a new leaf key');
  leafRules(context)(leafNode);
  checkLeafSignature(leafNode, context.groupId, sender);
}

async function follow(
  cs: CiphersuiteImpl,
  state: GroupState,
  { sender, content }: CommitContent,
  { tree, context, added }: Applied,
): Promise<PathOutcome | undefined> {
  const { path } = content.commit;
  if (path === undefined) return undefined;
  const provisional = { ...context, epoch: context.epoch + 1n };
  const newLeaves = added.map(({ leafIndex }) => leafIndex);
  const outcome = await followPath({ tree, sender, provisional, newLeaves }, path, state.path, cs);
  checkMembership(outcome.tree);
  return outcome;
}
