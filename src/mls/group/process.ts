/** Taking in one MLSMessage of a group: who sent it, what it says, and the state behind it. */
import type { CiphersuiteImpl } from 'ts-mls';
import { emptyPskIndex, type PskIndex } from 'ts-mls/pskIndex.js';
import type { ProposalFact } from '../../groups/group-facts.ts';
import { type ByteReader, decodeExactly } from '../../protocol/bytes.ts';
import { MLS10 } from '../../protocol/kinds.ts';
import { constantTimeEqual } from '../crypto/symmetric.ts';
import { MAX_MESSAGE_BYTES, MAX_PENDING_BYTES, MAX_PENDING_PER_SENDER } from '../limits.ts';
import { checkFramed, checkMembershipTag, proposalRef } from '../messages/auth.ts';
import { plainView } from '../messages/exact.ts';
import { type PublicMessage, readPublicMessage, WIRE } from '../messages/framing.ts';
import { type OpenedMessage, openApplication, readPrivateMessage } from '../messages/private-message.ts';
import { type Proposal, proposalBytes } from '../messages/proposal.ts';
import { ensure, orRefused, Refusal, type Refused } from '../refusal.ts';
import { leafOf } from '../tree/path.ts';
import { type CommitOutcome, processCommit } from './commit-process.ts';
import { proposalFact } from './facts.ts';
import type { GroupState } from './state.ts';

export type ProcessOutcome =
  | (OpenedMessage & { readonly kind: 'application' })
  | {
      readonly kind: 'proposal';
      readonly state: GroupState;
      readonly sender: number;
      readonly proposal: ProposalFact;
      readonly consumed: readonly Uint8Array[];
    }
  | CommitOutcome
  | Refused;

/**
 * The message must be of the epoch of `state`: for an older one give the state of that epoch, for a newer one
 * wait. `state` is left as it is; the caller judges what a commit says before it takes the next one.
 * `psks` finds pre-shared keys, of which the profile has none.
 */
export function processMessage(
  cs: CiphersuiteImpl,
  state: GroupState,
  message: Uint8Array,
  psks: PskIndex = emptyPskIndex,
): Promise<ProcessOutcome> {
  return orRefused<ProcessOutcome>(async () => {
    ensure(message.length <= MAX_MESSAGE_BYTES, 'limit', `a message of ${message.length} bytes`);
    const body = decodeExactly(plainView(message), readBody);
    const { groupId, epoch } = 'framed' in body ? body.framed : body;
    ensure(constantTimeEqual(groupId, state.context.groupId), 'wrong_group', 'a message of another group');
    ensure(epoch === state.context.epoch, 'wrong_epoch', `a message of epoch ${epoch}`);
    if (!('framed' in body)) return { kind: 'application', ...(await openApplication(cs, state, body)) };
    authenticate(state, body);
    const { framed, auth } = body;
    const { content } = framed;
    return content.type === 'proposal'
      ? acceptProposal(state, body, content.proposal)
      : processCommit(cs, state, { ...framed, content }, auth, psks);
  });
}

function readBody(reader: ByteReader) {
  const [version, wireformat] = [reader.uint16(), reader.uint16()];
  ensure(version === MLS10, 'unsupported', `an MLSMessage of version ${version}`);
  if (wireformat === WIRE.public) return readPublicMessage(reader);
  if (wireformat === WIRE.private) return readPrivateMessage(reader);
  throw new Refusal('unsupported', `an MLSMessage of wire format ${wireformat}`);
}

/** A member of this epoch sent it: the tag first, because it costs the least. */
function authenticate({ tree, context, schedule, path }: GroupState, message: PublicMessage): void {
  const { framed, auth } = message;
  checkMembershipTag(message, context, schedule.membershipKey);
  const { signaturePublicKey } = leafOf(tree, framed.sender);
  checkFramed(WIRE.public, framed, context, auth.signature, signaturePublicKey);
  ensure(framed.sender !== path.leafIndex, 'own_message', 'a handshake message of our own');
}

function acceptProposal(
  state: GroupState,
  { framed, auth }: PublicMessage,
  proposal: Proposal,
): ProcessOutcome {
  return {
    kind: 'proposal',
    state: withPending(state, {
      ref: proposalRef({ ...framed, content: { type: 'proposal', proposal } }, auth),
      sender: framed.sender,
      proposal,
    }),
    sender: framed.sender,
    proposal: proposalFact(proposal),
    consumed: [],
  };
}

/** `state` with one more proposal waiting. Refusals: `replayed`, `limit`. */
export function withPending(state: GroupState, added: GroupState['pending'][number]): GroupState {
  const { pending } = state;
  const again = pending.some(({ ref }) => constantTimeEqual(ref, added.ref));
  ensure(!again, 'replayed', 'a proposal that is waiting already');
  const ofSender = pending.filter(({ sender }) => sender === added.sender).length;
  ensure(ofSender < MAX_PENDING_PER_SENDER, 'limit', 'too many proposals of one member');
  const next = [...pending, added];
  const size = next.reduce((sum, { proposal }) => sum + proposalBytes(proposal).length, 0);
  ensure(size <= MAX_PENDING_BYTES, 'limit', 'too many proposals waiting');
  return { ...state, pending: next };
}
