import { expect, test } from 'vitest';
import { createCommit, proposeSelfRemove } from '../../../src/mls/group/commit-create.ts';
import {
  exportSecret,
  groupEventKey,
  openGroupEvent,
  sealGroupEvent,
} from '../../../src/mls/group/export.ts';
import { processMessage } from '../../../src/mls/group/process.ts';
import { allSecretsOf, erase, type GroupState } from '../../../src/mls/group/state.ts';
import { decodeState, encodeState } from '../../../src/mls/group/state-codec.ts';
import { sealApplication } from '../../../src/mls/messages/private-message.ts';
import { leafSignatureValid } from '../../../src/mls/tree/leaf.ts';
import { unmergedLeavesValid } from '../../../src/mls/tree/parent-hash.ts';
import { leavesOf } from '../../../src/mls/tree/rules.ts';
import { authenticator, commitRound, createTestGroups, stateAfter } from '../../support/groups.ts';
import { createSeededRandom } from '../../support/random.ts';
import { MALFORMED } from './samples.ts';

const random = createSeededRandom('group state');
const groups = createTestGroups(random);
const { cs } = groups;
const found = (): Promise<GroupState[]> =>
  groups.found(groups.client(0), [groups.client(1), groups.client(2)]);

test('a state begins with the version of its format, and another version is malformed', async () => {
  const bytes = encodeState((await found())[0] as GroupState);
  expect(bytes[0]).toBe(1);
  expect(() => decodeState(bytes.with(0, 2))).toThrow(MALFORMED);
});

test('a state that was stored between any two messages goes on as if it had not been', async () => {
  const [alice, bob] = (await found()) as [GroupState, GroupState];
  const first = await sealApplication(cs, alice, Uint8Array.of(1));
  const second = await sealApplication(cs, first.state, Uint8Array.of(2));
  const commit = await createCommit(cs, second.state, {});
  let listener = bob;
  for (const message of [second.message, first.message, commit.message]) {
    const stored = encodeState(listener);
    expect(encodeState(decodeState(stored))).toEqual(stored);
    listener = stateAfter(await processMessage(cs, decodeState(stored), message));
  }
  expect(authenticator(listener)).toBe(authenticator(commit.state));
});

test('no operation changes the state it was given', async () => {
  const [alice, bob] = (await found()) as [GroupState, GroupState];
  const before = [encodeState(alice), encodeState(bob)];
  const { message } = await createCommit(cs, alice, { remove: [2] });
  await processMessage(cs, bob, message);
  const sealed = await sealApplication(cs, alice, Uint8Array.of(1));
  await processMessage(cs, bob, sealed.message);
  expect([encodeState(alice), encodeState(bob)]).toEqual(before);
});

test('erasing a state leaves none of its secrets', async () => {
  const [alice] = (await found()) as [GroupState];
  const { state } = await sealApplication(cs, alice, Uint8Array.of(1));
  const secrets = allSecretsOf(state).map((secret) => Buffer.from(secret).toString('hex'));
  erase(allSecretsOf(state));
  const left = Buffer.from(encodeState(state)).toString('hex');
  expect(secrets.length).toBeGreaterThan(10);
  for (const secret of secrets) expect(left).not.toContain(secret);
});

test('keys of nodes that a removal made blank are not kept', async () => {
  const [alice, ...others] = (await found()) as [GroupState, ...GroupState[]];
  const { commit } = await commitRound(groups, [alice, ...others], 0, {});
  expect(Object.keys(commit.state.path.privateKeys)).toEqual(['0', '1', '3']);
  const removal = await createCommit(cs, commit.state, { remove: [1] });
  expect(Object.keys(removal.state.path.privateKeys)).toEqual(['0', '3']);
});

test('nobody takes in what it sent itself', async () => {
  const [alice] = (await found()) as [GroupState];
  const commit = await createCommit(cs, alice, {});
  const sealed = await sealApplication(cs, alice, Uint8Array.of(1));
  for (const { message } of [commit, sealed, proposeSelfRemove(alice)]) {
    expect(await processMessage(cs, alice, message)).toMatchObject({
      kind: 'refused',
      reason: 'own_message',
    });
  }
});

test('everybody exports the same secrets in one epoch, others in the next', async () => {
  const states = await found();
  const next = await commitRound(groups, states, 0, {});
  const context = Uint8Array.of(1);
  const exported = async (state: GroupState) => exportSecret(cs, state, 'label', context, 16);
  const [first, ...rest] = await Promise.all(states.map(exported));
  expect(first).toHaveLength(16);
  for (const same of rest) expect(same).toEqual(first);
  expect(await exported(next.commit.state)).not.toEqual(first);
});

test('a group event is opened by the key of its epoch among those retained, and by no other', async () => {
  const states = await found();
  const next = await commitRound(groups, states, 0, {});
  const [old, current] = [
    await groupEventKey(cs, states[1] as GroupState),
    await groupEventKey(cs, next.commit.state),
  ];
  const message = Uint8Array.of(1, 2, 3);
  const sealed = sealGroupEvent(old, message, random);
  expect(sealed).toHaveLength(12 + 3 + 16);
  expect(openGroupEvent([current, old], sealed)).toEqual({ message, at: 1 });
  expect(openGroupEvent([current], sealed)).toBeUndefined();
  expect(openGroupEvent([old], sealed.with(12, (sealed[12] as number) ^ 1))).toBeUndefined();
  expect(openGroupEvent([old], sealed.subarray(0, 27))).toBeUndefined();
});

test('a leaf that lists protocol versions and suites of the future keeps its bytes and its signature', async () => {
  const [alice] = (await found()) as [GroupState];
  const { leaf } = leavesOf(decodeState(encodeState(alice)).tree)[1] as ReturnType<typeof leavesOf>[number];
  expect(leafSignatureValid(leaf, alice.context.groupId, 1)).toBe(true);
  const lists = { ...leaf.capabilities, versions: ['mls10', '7'] as never, ciphersuites: ['2570'] as never };
  const future = { ...leaf, capabilities: lists };
  const tree = alice.tree.with(2, { nodeType: 'leaf', leaf: future });
  const stored = encodeState({ ...alice, tree });
  expect(encodeState(decodeState(stored))).toEqual(stored);
  expect(leavesOf(decodeState(stored).tree)[1]?.leaf.capabilities).toEqual(lists);
});

test('unmerged leaves out of order, outside the subtree or unknown to a node between are invalid', async () => {
  let states = await groups.found(
    groups.client(0),
    [1, 2, 3].map((name) => groups.client(name)),
  );
  for (const place of [1, 3]) ({ states } = await commitRound(groups, states, place, {}));
  const { tree } = states[0] as GroupState;
  const listing = (at: number, unmergedLeaves: number[]) => {
    const node = tree[at];
    if (node?.nodeType !== 'parent') throw new Error(`node ${at} is no parent`);
    return tree.with(at, { nodeType: 'parent', parent: { ...node.parent, unmergedLeaves } });
  };
  expect(unmergedLeavesValid(tree)).toBe(true);
  expect(unmergedLeavesValid(listing(5, [2]))).toBe(true);
  expect(unmergedLeavesValid(listing(5, [3, 2]))).toBe(false);
  expect(unmergedLeavesValid(listing(5, [1]))).toBe(false);
  expect(unmergedLeavesValid(listing(5, [9]))).toBe(false);
  // Node 5 lies between leaf 2 and the root.
  expect(unmergedLeavesValid(listing(3, [2]))).toBe(false);
});
