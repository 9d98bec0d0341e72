/** Making proposals and commits (RFC 9420 sections 12.1 and 12.4.1), and the Welcome for those added. */
import { hexToBytes } from '@noble/hashes/utils.js';
import type { CiphersuiteImpl, KeyPackage } from 'ts-mls';
import { encryptWithLabel } from 'ts-mls/crypto/hpke.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import type { CommitChange } from '../../groups/group-facts.ts';
import { EXTENSION } from '../../protocol/kinds.ts';
import { constantTimeEqual } from '../crypto/symmetric.ts';
import { MAX_PROPOSALS } from '../limits.ts';
import { proposalRef, protectPublic, signFramed } from '../messages/auth.ts';
import type { Commit, ProposalOrRef } from '../messages/commit.ts';
import { extensionOf } from '../messages/extensions.ts';
import { type FramedContent, type HandshakeContent, publicMessageBytes, WIRE } from '../messages/framing.ts';
import { decodeKeyPackageMessage, keyPackageRef } from '../messages/key-package-message.ts';
import type { AppDataUpdate, Proposal } from '../messages/proposal.ts';
import { encodeWelcome, GROUP_SECRETS, sealGroupInfo } from '../messages/welcome.ts';
import { ensure } from '../refusal.ts';
import { treeBytes } from '../tree/codec.ts';
import { isBelow } from '../tree/parent-hash.ts';
import { createPath } from '../tree/path.ts';
import { type NextEpoch, nextEpoch } from './epoch.ts';
import { commitChange } from './facts.ts';
import { withPending } from './process.ts';
import { type Applied, applyProposals } from './proposal-apply.ts';
import { checkProposalList, resolveProposals } from './proposal-list.ts';
import { consumedBy, erase, type GroupState } from './state.ts';

export interface CommitRequest {
  /** KeyPackages of those to add: MLSMessage(mls_key_package), judged by the caller. */
  readonly add?: readonly Uint8Array[];
  /** Leaf indices of those to remove. */
  readonly remove?: readonly number[];
  readonly appData?: readonly Omit<AppDataUpdate, 'type'>[];
  /** Which waiting proposals to commit, by the type; none by default. */
  readonly pending?: 'self_remove' | 'all';
}

export interface CreatedCommit {
  /** The next epoch: not ours until the commit is published (Marmot: publish before apply). */
  readonly state: GroupState;
  /** MLSMessage(mls_public_message). */
  readonly message: Uint8Array;
  /** MLSMessage(mls_welcome) for those added; send it after the commit is confirmed. */
  readonly welcome: Uint8Array | undefined;
  readonly change: CommitChange;
  readonly consumed: readonly Uint8Array[];
}

/**
 * A commit of what `request` asks for; of nothing, it is a self-update. Every commit of ours carries a path:
 * each heals the group from a past compromise of us. Throws refusals.
 */
export async function createCommit(
  cs: CiphersuiteImpl,
  state: GroupState,
  request: CommitRequest,
): Promise<CreatedCommit> {
  const { context, path: own } = state;
  const items = requestedProposals(state, request);
  ensure(items.length <= MAX_PROPOSALS, 'limit', `a commit of ${items.length} proposals`);
  const proposals = resolveProposals(items, state.pending, own.leafIndex);
  checkProposalList(proposals, own.leafIndex, state);
  const applied = applyProposals(proposals, state.tree, context);
  const provisional = { ...applied.context, epoch: context.epoch + 1n };
  const newLeaves = applied.added.map(({ leafIndex }) => leafIndex);
  const place = { tree: applied.tree, sender: own.leafIndex, provisional, newLeaves };
  const path = await createPath(place, state.signaturePrivateKey, cs);
  const commit: Commit = { proposals: items, path: path.path };
  const framed = framedBy(state, { type: 'commit', commit } as const);
  const signature = signFramed(WIRE.public, framed, context, state.signaturePrivateKey);
  const sent = proposals.map(({ proposal }) => proposal);
  const next = await nextEpoch(
    { state, framed, signature, applied, path, proposals: sent, psks: emptyPskIndex },
    cs,
  );
  const auth = { signature, confirmationTag: next.state.confirmationTag };
  const message = publicMessageBytes(protectPublic(framed, auth, context, state.schedule.membershipKey));
  const welcome = await createWelcome(cs, next, applied, path.pathSecrets);
  erase([next.joinerSecret, next.welcomeSecret, ...path.pathSecrets.map(({ secret }) => secret)]);
  return {
    state: next.state,
    message,
    welcome,
    change: commitChange(context.epoch, own.leafIndex, proposals),
    consumed: consumedBy(state, next.state),
  };
}

function requestedProposals(state: GroupState, request: CommitRequest): ProposalOrRef[] {
  const waiting = state.pending.filter(
    ({ proposal }) => request.pending === 'all' || proposal.type === request.pending,
  );
  const inline: Proposal[] = [
    ...(request.remove ?? []).map((removed): Proposal => ({ type: 'remove', removed })),
    ...(request.add ?? []).map(
      (message): Proposal => ({ type: 'add', keyPackage: decodeKeyPackageMessage(message) }),
    ),
    ...(request.appData ?? []).map((update): Proposal => ({ type: 'app_data_update', ...update })),
  ];
  return [...waiting.map(({ ref }) => ({ ref })), ...inline.map((proposal) => ({ proposal }))];
}

function framedBy<C extends HandshakeContent>({ context, path }: GroupState, content: C): FramedContent<C> {
  return {
    groupId: context.groupId,
    epoch: context.epoch,
    sender: path.leafIndex,
    authenticatedData: new Uint8Array(0),
    content,
  };
}

/** One Welcome for all: the GroupInfo once, the secrets for each (section 12.4.3). */
async function createWelcome(
  cs: CiphersuiteImpl,
  { state, joinerSecret, welcomeSecret }: NextEpoch,
  { added }: Applied,
  pathSecrets: readonly { readonly node: number; readonly secret: Uint8Array }[],
): Promise<Uint8Array | undefined> {
  if (added.length === 0) return undefined;
  const info = {
    groupContext: state.context,
    extensions: [extensionOf({ type: EXTENSION.ratchetTree, data: treeBytes(state.tree) })],
    confirmationTag: state.confirmationTag,
    signer: state.path.leafIndex,
  };
  const encryptedGroupInfo = await sealGroupInfo(info, state.signaturePrivateKey, welcomeSecret, cs);
  const sealFor = async ({ initKey }: KeyPackage, leafIndex: number) => {
    const pathSecret = pathSecrets.find(({ node }) => isBelow(2 * leafIndex, node))?.secret;
    const secrets = GROUP_SECRETS.encode({ joinerSecret, pathSecret, psks: [] });
    const key = await cs.hpke.importPublicKey(initKey);
    const { enc, ct } = await encryptWithLabel(key, 'Welcome', encryptedGroupInfo, secrets, cs.hpke);
    erase([secrets]);
    return { kemOutput: enc, ciphertext: ct };
  };
  const secrets = [];
  for (const { keyPackage, leafIndex } of added) {
    const newMember = hexToBytes(keyPackageRef(keyPackage));
    secrets.push({ newMember, encryptedGroupSecrets: await sealFor(keyPackage, leafIndex) });
  }
  return encodeWelcome({ cipherSuite: cs.name, secrets, encryptedGroupInfo });
}

/**
 * A proposal on its own: that we leave, which another member commits. It waits in the new state, too. Asked
 * again in the same epoch it is the same message.
 */
export function proposeSelfRemove(state: GroupState): { state: GroupState; message: Uint8Array } {
  const { context, path, pending } = state;
  const proposal = { type: 'self_remove' } as const;
  const framed = framedBy(state, { type: 'proposal', proposal } as const);
  const signature = signFramed(WIRE.public, framed, context, state.signaturePrivateKey);
  const auth = { signature, confirmationTag: undefined };
  const message = publicMessageBytes(protectPublic(framed, auth, context, state.schedule.membershipKey));
  const ref = proposalRef(framed, auth);
  const isWaiting = pending.some((waiting) => constantTimeEqual(waiting.ref, ref));
  const next = isWaiting ? state : withPending(state, { ref, sender: path.leafIndex, proposal });
  return { state: next, message };
}
