/** What the leaf of every member has to hold (protocol.md section 1): an account and its consent to the key. */
import type { EventCrypto } from '../ports.ts';
import { checkAccountProof } from '../protocol/account-proof.ts';
import { dictionaryEntries, isAscending } from '../protocol/app-data-dictionary.ts';
import { ifWellFormed } from '../protocol/bytes.ts';
import { accountOf } from '../protocol/credential.ts';
import { COMPONENT } from '../protocol/kinds.ts';
import type { MemberFacts } from './group-facts.ts';
import type { GroupProblem } from './problem.ts';

type VerifySignature = EventCrypto['verifySignature'];

/** The first thing wrong with one leaf. */
export function judgeMember(member: MemberFacts, verifySignature: VerifySignature): GroupProblem | undefined {
  const problem = (code: GroupProblem['code'], what: string): GroupProblem => ({
    code,
    detail: `leaf ${member.leafIndex}: ${what}`,
  });
  const { identity, leafExtensions, signatureKey } = member;
  if (identity === undefined || accountOf(identity) === undefined) {
    return problem('credential_invalid', 'not a basic credential with a key');
  }
  const entries = ifWellFormed(() => dictionaryEntries(leafExtensions));
  if (entries === undefined) return problem('dictionary_malformed', 'its components cannot be read');
  const [proof, ...more] = entries.filter(({ id }) => id === COMPONENT.accountIdentityProof);
  if (proof === undefined) return problem('proof_missing', 'no account proof');
  if (more.length > 0) return problem('proof_repeated', 'more than one account proof');
  if (!isAscending(entries)) return problem('dictionary_malformed', 'components out of order');
  const verdict = checkAccountProof(proof.data, signatureKey, identity, verifySignature);
  return verdict === 'valid' ? undefined : problem('proof_invalid', verdict);
}

/** Proofs that are checked in a row before others get their turn: about 10 ms. */
const SLICE = 16;

/**
 * Everything wrong with these leaves, one problem each. A signature check takes 0.4 ms, so the members of a
 * large group are judged in slices; `breathe` lets the event loop run in between.
 */
export async function judgeMembers(
  members: readonly MemberFacts[],
  verifySignature: VerifySignature,
  breathe: () => Promise<void>,
): Promise<GroupProblem[]> {
  const problems: GroupProblem[] = [];
  for (const [at, member] of members.entries()) {
    if (at > 0 && at % SLICE === 0) await breathe();
    const problem = judgeMember(member, verifySignature);
    if (problem !== undefined) problems.push(problem);
  }
  return problems;
}
