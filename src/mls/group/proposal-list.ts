/** Which proposals may be in one commit together (RFC 9420 section 12.2; draft-ietf-mls-extensions). */
import { bytesToHex } from '@noble/hashes/utils.js';
import type { GroupContext } from 'ts-mls/groupContext.js';
import { EXTENSION, PROPOSAL } from '../../protocol/kinds.ts';
import { constantTimeEqual } from '../crypto/symmetric.ts';
import type { ProposalOrRef } from '../messages/commit.ts';
import { extensionData, listedTypesOf, requiredCapabilities } from '../messages/extensions.ts';
import { ofType, type Proposal, proposalType } from '../messages/proposal.ts';
import { ensure, Refusal } from '../refusal.ts';
import { leavesOf } from '../tree/rules.ts';
import type { GroupState, PendingProposal } from './state.ts';

/** A proposal with the leaf that made it; `byReference` when it was sent on its own. */
export interface SentProposal {
  readonly proposal: Proposal;
  readonly sender: number;
  readonly byReference: boolean;
}

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : constantTimeEqual(a, b);

/** The proposals a commit stands for. Refusals: `invalid` when one it refers to is not there. */
export function resolveProposals(
  proposals: readonly ProposalOrRef[],
  pending: readonly PendingProposal[],
  committer: number,
): SentProposal[] {
  const byRef = new Map(pending.map((item) => [bytesToHex(item.ref), item]));
  return proposals.map((item) => {
    if ('proposal' in item) return { proposal: item.proposal, sender: committer, byReference: false };
    const sent = byRef.get(bytesToHex(item.ref));
    if (sent === undefined) throw new Refusal('invalid', 'a commit of a proposal that we do not have');
    return { proposal: sent.proposal, sender: sent.sender, byReference: true };
  });
}

/** The leaf that a proposal changes or takes away, if it does. */
function touchedLeaf({ proposal, sender }: SentProposal): number | undefined {
  if (proposal.type === 'remove') return proposal.removed;
  return proposal.type === 'update' || proposal.type === 'self_remove' ? sender : undefined;
}

function once<T>(items: readonly T[], what: string): void {
  ensure(new Set(items).size === items.length, 'invalid', `a commit with ${what} twice`);
}

/** Refusals: `invalid`. What the group's own rules say (who may commit what) is not judged here. */
export function checkProposalList(
  proposals: readonly SentProposal[],
  committer: number,
  state: GroupState,
): void {
  const sent = proposals.map(({ proposal }) => proposal);
  const touched = proposals.map(touchedLeaf).filter((leaf) => leaf !== undefined);
  once(touched, 'a change of one leaf');
  ensure(!touched.includes(committer), 'invalid', 'a commit that updates or removes its committer');
  once(
    ofType(sent, 'app_data_update').map(({ componentId }) => componentId),
    'an update of one component',
  );
  once(
    ofType(sent, 'psk').map(({ id }) => bytesToHex(id.pskNonce) + pskName(id)),
    'one pre-shared key',
  );
  once(
    ofType(sent, 'add').map(({ keyPackage }) => bytesToHex(keyPackage.initKey)),
    'one init key',
  );
  const contexts = ofType(sent, 'group_context_extensions');
  ensure(contexts.length <= 1, 'invalid', 'a commit with two lists of extensions');
  for (const { extensions } of contexts) checkNewContext(state.context, extensions);
  checkSupport(proposals, state);
}

type PskId = Extract<Proposal, { type: 'psk' }>['id'];
const pskName = (id: PskId): string =>
  id.psktype === 'external'
    ? bytesToHex(id.pskId)
    : `${bytesToHex(id.pskGroupId)}:${id.pskEpoch}:${id.usage}`;

/** Where every member knows app_data_update, the dictionary changes by it alone (draft-ietf-mls-extensions). */
function checkNewContext({ extensions }: GroupContext, next: GroupContext['extensions']): void {
  const types = next.map(({ extensionType }) => extensionType);
  once(types, 'one GroupContext extension');
  if (!requiredCapabilities(extensions).proposals.includes(PROPOSAL.appDataUpdate)) return;
  const dictionary = EXTENSION.appDataDictionary;
  ensure(
    sameBytes(extensionData(extensions, dictionary), extensionData(next, dictionary)),
    'invalid',
    'a list of extensions that changes the components',
  );
}

/** Proposal and extension types beyond RFC 9420 need the support of every member. */
function checkSupport(proposals: readonly SentProposal[], { tree }: GroupState): void {
  const sent = proposals.map(({ proposal }) => proposal);
  const used = [...new Set(sent.map(proposalType))].filter((type) => type >= PROPOSAL.appDataUpdate);
  const extensions = sent.flatMap((proposal) =>
    proposal.type === 'group_context_extensions' ? listedTypesOf(proposal.extensions) : [],
  );
  const supported = leavesOf(tree).every(
    ({ leaf: { capabilities } }) =>
      used.every((type) => capabilities.proposals.includes(type)) &&
      extensions.every((type) => capabilities.extensions.includes(type)),
  );
  ensure(supported, 'invalid', 'a commit that uses what not every member supports');
}

/** RFC 9420 section 17.4, column "Path Required"; app_data_update needs none, self_remove does. */
export const needsPath = (proposals: readonly SentProposal[]): boolean =>
  proposals.length === 0 ||
  proposals.some(({ proposal: { type } }) => type !== 'add' && type !== 'psk' && type !== 'app_data_update');
