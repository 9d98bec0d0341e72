import { beforeAll, describe, expect, test } from 'vitest';
import { changedMembers, judgeCommit } from '../../../src/groups/commit-rules.ts';
import type { CommittedProposal, GroupFacts, ProposalFact } from '../../../src/groups/group-facts.ts';
import type { GroupProblem } from '../../../src/groups/problem.ts';
import { adminPolicy } from '../../../src/protocol/group-components.ts';
import { COMPONENT } from '../../../src/protocol/kinds.ts';
import { admin, soundGroup, withComponent, withMember } from './group-cases.ts';

let sound: GroupFacts;
beforeAll(async () => {
  sound = await soundGroup();
});

const ADMIN = 0;
const MEMBER = 2;
const inline = (sender: number, fact: ProposalFact): CommittedProposal => ({
  fact,
  sender,
  byReference: false,
});
const sent = (sender: number, fact: ProposalFact): CommittedProposal => ({ fact, sender, byReference: true });
const leave: ProposalFact = { type: 'self_remove' };
const remove = { type: 'remove', leafIndex: 1 } as const;
const rename: ProposalFact = {
  type: 'app_data_update',
  componentId: COMPONENT.groupProfile,
  update: Uint8Array.of(0, 0),
};
const without = (facts: GroupFacts, leaf: number): GroupFacts => ({
  ...facts,
  members: facts.members.filter(({ leafIndex }) => leafIndex !== leaf),
});

function judge(
  committer: number,
  proposals: readonly CommittedProposal[],
  after: GroupFacts | undefined = sound,
) {
  const change = { epoch: sound.epoch, committer, proposals };
  return judgeCommit({ change, before: sound, after }).map(({ code }) => code);
}

describe('may be committed', () => {
  const cases: [string, number, CommittedProposal[], (() => GroupFacts)?][] = [
    ['by anybody: new keys for the own leaf', MEMBER, []],
    ['by anybody: that a member leaves', 1, [sent(MEMBER, leave)], () => without(sound, MEMBER)],
    ['by an admin: a new name', ADMIN, [inline(ADMIN, rename)]],
    [
      'by an admin: that a member goes',
      ADMIN,
      [inline(ADMIN, { ...remove, leafIndex: MEMBER })],
      () => without(sound, MEMBER),
    ],
    ['by an admin: a new member', ADMIN, [inline(ADMIN, { type: 'add', identity: undefined })]],
  ];
  test.each(cases)('%s', (_, committer, proposals, after) => {
    expect(judge(committer, proposals, after?.())).toEqual([]);
  });
});

describe('may not be committed', () => {
  const admins = (...keys: string[]) => adminPolicy.encode(keys.sort() as never);
  const cases: [GroupProblem['code'], string, number, CommittedProposal[], (() => GroupFacts)?][] = [
    ['committer_not_admin', 'a new name by an ordinary member', MEMBER, [inline(MEMBER, rename)]],
    ['committer_not_admin', 'a leaf that is not there', 7, [inline(7, rename)]],
    ['committer_not_admin', 'leaving together with a change', 1, [sent(MEMBER, leave), inline(1, rename)]],
    ['proposer_not_admin', 'what an ordinary member proposed', ADMIN, [sent(MEMBER, rename)]],
    ['admin_self_remove', 'that an admin leaves', MEMBER, [sent(ADMIN, leave)]],
    [
      'required_component_removed',
      'the end of the admin policy',
      ADMIN,
      [inline(ADMIN, { ...rename, componentId: COMPONENT.adminPolicy, update: undefined })],
    ],
    [
      'required_component_removed',
      'the end of a component that stays required',
      ADMIN,
      [inline(ADMIN, { ...rename, update: undefined })],
    ],
    [
      'identity_changed',
      'another account in a leaf',
      MEMBER,
      [],
      () => withMember(sound, MEMBER, { identity: new Uint8Array(32).fill(1) }),
    ],
    [
      'admins_missing',
      'a group without admins',
      ADMIN,
      [inline(ADMIN, rename)],
      () => withComponent(sound, COMPONENT.adminPolicy, admins()),
    ],
    [
      'admin_without_leaf',
      'an admin who is gone',
      ADMIN,
      [inline(ADMIN, remove)],
      () => withComponent(sound, COMPONENT.adminPolicy, admins(admin.account.publicKey, 'a'.repeat(64))),
    ],
  ];
  test.each(cases)('%s: %s', (code, _, committer, proposals, after) => {
    expect(judge(committer, proposals, after?.())).toEqual([code]);
  });
});

test('authority is that of the epoch before: nobody makes itself admin by the commit that needs one', () => {
  const member = Buffer.from(sound.members[2]?.identity as Uint8Array).toString('hex');
  const after = withComponent(sound, COMPONENT.adminPolicy, adminPolicy.encode([member as never]));
  expect(judge(MEMBER, [inline(MEMBER, rename)], after)).toEqual(['committer_not_admin']);
});

test('who got the place of a removed member may be somebody else', () => {
  const after = withMember(sound, 1, { identity: sound.members[2]?.identity });
  const add: ProposalFact = { type: 'add', identity: undefined };
  expect(judge(ADMIN, [inline(ADMIN, remove), inline(ADMIN, add)], after)).toEqual([]);
});

test('a commit that removes us is judged without the state it leads to', () => {
  const change = { epoch: sound.epoch, committer: MEMBER, proposals: [inline(MEMBER, remove)] };
  const problems = judgeCommit({ change, before: sound, after: undefined });
  expect(problems.map(({ code }) => code)).toEqual(['committer_not_admin']);
});

test('only leaves that are new or hold another key, account or proof have their proofs checked again', () => {
  expect(changedMembers(sound, sound)).toEqual([]);
  const changed = withMember(sound, 1, { signatureKey: new Uint8Array(32) });
  expect(changedMembers(sound, changed).map(({ leafIndex }) => leafIndex)).toEqual([1]);
  expect(changedMembers(without(sound, 2), sound).map(({ leafIndex }) => leafIndex)).toEqual([2]);
  const otherProof = withMember(sound, 1, { leafExtensions: [] });
  expect(changedMembers(sound, otherProof).map(({ leafIndex }) => leafIndex)).toEqual([1]);
});
