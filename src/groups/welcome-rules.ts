/** Whether to accept an invitation (protocol.md section 5, steps 4 and 5), from the facts of the joined state. */
import type { PublicKey } from '../ids.ts';
import { ifWellFormed } from '../protocol/bytes.ts';
import { accountIn, type GroupFacts } from './group-facts.ts';
import type { GroupProblem } from './problem.ts';
import { readSettings } from './settings.ts';
import { judgeState } from './state-rules.ts';

export interface Invitation {
  readonly facts: GroupFacts;
  /** Leaf index of the GroupInfo's signer. */
  readonly signer: number;
  /** The account the Welcome was sent to: ours. */
  readonly account: PublicKey;
}

function accountAt({ members }: GroupFacts, leaf: number): PublicKey | undefined {
  const member = members.find(({ leafIndex }) => leafIndex === leaf);
  return member === undefined ? undefined : accountIn(member);
}

/** The account that invites: for a first contact the only root of trust, so it is shown to the user. */
export const inviterOf = ({ facts, signer }: Invitation): PublicKey | undefined => accountAt(facts, signer);

/** Everything that speaks against it but what `judgeMembers` says of the members' leaves. */
export function judgeInvitation(invitation: Invitation): GroupProblem[] {
  const { facts, account } = invitation;
  const problems = judgeState(facts);
  if (accountAt(facts, facts.ownLeaf) !== account) {
    problems.push({ code: 'not_for_account', detail: 'the leaf is another account than ours' });
  }
  const settings = ifWellFormed(() => readSettings(facts.extensions));
  const inviter = inviterOf(invitation);
  if (settings !== undefined && (inviter === undefined || !settings.admins?.includes(inviter))) {
    problems.push({ code: 'inviter_not_admin', detail: 'who invites may not add members' });
  }
  if (settings?.lifecycle === 'disbanded') {
    problems.push({ code: 'disbanded', detail: 'the group was ended by an admin' });
  }
  return problems;
}
