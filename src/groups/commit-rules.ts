/** Whether a commit may do what it does (protocol.md section 6): judged by the epoch it was made in. */
import { ifWellFormed } from '../protocol/bytes.ts';
import { COMPONENT } from '../protocol/kinds.ts';
import { accountIn, type CommitChange, type GroupFacts, type MemberFacts } from './group-facts.ts';
import type { GroupProblem } from './problem.ts';
import { type GroupSettings, readSettings } from './settings.ts';
import { judgeState } from './state-rules.ts';

export interface CommitCase {
  readonly change: CommitChange;
  readonly before: GroupFacts;
  /** Undefined when the commit removes us: what it leads to is not for us to see. */
  readonly after: GroupFacts | undefined;
}

type Rule = (given: CommitCase, isAdmin: (leaf: number) => boolean) => GroupProblem | undefined;

/** What a member who is no admin may commit: new keys for itself, or that others leave. */
function isOrdinary({ proposals }: CommitChange): boolean {
  return proposals.every(({ fact, byReference }) => fact.type === 'self_remove' && byReference);
}

const committer: Rule = ({ change }, isAdmin) =>
  isOrdinary(change) || isAdmin(change.committer)
    ? undefined
    : { code: 'committer_not_admin', detail: `leaf ${change.committer} may not change the group` };

/** Judged apart from the committer: a proposal does not gain authority by being committed. */
const proposers: Rule = ({ change }, isAdmin) => {
  const bad = change.proposals.find(
    ({ fact, sender, byReference }) => byReference && fact.type !== 'self_remove' && !isAdmin(sender),
  );
  return bad === undefined
    ? undefined
    : { code: 'proposer_not_admin', detail: `leaf ${bad.sender} may not propose ${bad.fact.type}` };
};

const leavers: Rule = ({ change }, isAdmin) => {
  const admin = change.proposals.find(({ fact, sender }) => fact.type === 'self_remove' && isAdmin(sender));
  return admin === undefined
    ? undefined
    : { code: 'admin_self_remove', detail: `leaf ${admin.sender} gives up its role first` };
};

/** Nor may a component go that the group goes on to require. */
const removedComponents: Rule = ({ change, after }) => {
  const required = after === undefined ? [] : (settingsOf(after)?.required ?? []);
  const kept = [COMPONENT.adminPolicy, ...required];
  const removed = change.proposals.find(
    ({ fact }) =>
      fact.type === 'app_data_update' && fact.update === undefined && kept.includes(fact.componentId),
  );
  return removed === undefined
    ? undefined
    : { code: 'required_component_removed', detail: 'a component that the group requires' };
};

/** An account never changes under a leaf; who took over a place that was vacated is someone new. */
const identities: Rule = ({ change, before, after }) => {
  const vacated = new Set(
    change.proposals.flatMap(({ fact, sender }) => {
      if (fact.type === 'remove') return [fact.leafIndex];
      return fact.type === 'self_remove' ? [sender] : [];
    }),
  );
  const old = new Map(before.members.map((member) => [member.leafIndex, accountIn(member)]));
  const changed = after?.members.find((member) => {
    const account = old.get(member.leafIndex);
    return account !== undefined && !vacated.has(member.leafIndex) && account !== accountIn(member);
  });
  return changed === undefined
    ? undefined
    : { code: 'identity_changed', detail: `leaf ${changed.leafIndex} is another account now` };
};

const RULES: readonly Rule[] = [committer, proposers, leavers, removedComponents, identities];

const settingsOf = ({ extensions }: GroupFacts): GroupSettings | undefined =>
  ifWellFormed(() => readSettings(extensions));

/** Everything that speaks against a commit but what `judgeMembers` says of `changedMembers`. */
export function judgeCommit(given: CommitCase): GroupProblem[] {
  const admins = new Set(settingsOf(given.before)?.admins);
  const accounts = new Map(given.before.members.map((member) => [member.leafIndex, accountIn(member)]));
  const isAdmin = (leaf: number): boolean => {
    const account = accounts.get(leaf);
    return account !== undefined && admins.has(account);
  };
  const problems = RULES.flatMap((rule) => rule(given, isAdmin) ?? []);
  return given.after === undefined ? problems : [...problems, ...judgeState(given.after)];
}

/** Members whose leaf is new or holds other keys or extensions: those whose proofs are to be checked. */
export function changedMembers(before: GroupFacts, after: GroupFacts): MemberFacts[] {
  const old = new Map(before.members.map((member) => [member.leafIndex, member]));
  return after.members.filter((member) => {
    const known = old.get(member.leafIndex);
    return known === undefined || !sameProof(known, member);
  });
}

const same = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a?.length === b?.length && (a ?? []).every((byte, at) => byte === b?.[at]);

const sameProof = (a: MemberFacts, b: MemberFacts): boolean =>
  same(a.identity, b.identity) &&
  same(a.signatureKey, b.signatureKey) &&
  a.leafExtensions.length === b.leafExtensions.length &&
  a.leafExtensions.every(({ type, data }, at) => {
    const other = b.leafExtensions[at];
    return type === other?.type && same(data, other.data);
  });
