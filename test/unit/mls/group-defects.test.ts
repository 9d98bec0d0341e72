/** What the library does wrong or leaves to us, one test each: every one fails when its guard is taken away. */
import { joinGroup as libraryJoin } from 'ts-mls';
import { encodeProposal } from 'ts-mls/proposal.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { expect, test } from 'vitest';
import { type CommitRequest, createCommit, proposeSelfRemove } from '../../../src/mls/group/commit-create.ts';
import { joinGroup } from '../../../src/mls/group/join.ts';
import { processMessage } from '../../../src/mls/group/process.ts';
import { erase, type GroupState } from '../../../src/mls/group/state.ts';
import { decodeState, encodeState } from '../../../src/mls/group/state-codec.ts';
import { componentsOf } from '../../../src/mls/messages/extensions.ts';
import { decodeKeyPackageMessage } from '../../../src/mls/messages/key-package-message.ts';
import { sealApplication } from '../../../src/mls/messages/private-message.ts';
import { decodePrivatePackage } from '../../../src/mls/messages/private-package.ts';
import { proposalBytes } from '../../../src/mls/messages/proposal.ts';
import { decodeWelcome } from '../../../src/mls/messages/welcome.ts';
import { COMPONENT } from '../../../src/protocol/kinds.ts';
import { authenticator, commitRound, createTestGroups, deliver, stateAfter } from '../../support/groups.ts';
import { createSeededRandom } from '../../support/random.ts';
import { toHex } from './samples.ts';

const groups = createTestGroups(createSeededRandom('group defects'));
const { cs } = groups;
const guests = (count: number) => Array.from({ length: count }, (_, at) => groups.client(at + 1));
const found = (count: number): Promise<GroupState[]> => groups.found(groups.client(0), guests(count - 1));
const refused = (reason: string) => expect.objectContaining({ kind: 'refused', reason });
const withByte = (bytes: Uint8Array): Uint8Array => Uint8Array.from([...bytes, 0]);
const profileOf = ({ context }: GroupState): string | undefined =>
  componentsOf(context.extensions)
    ?.filter(({ id }) => id === COMPONENT.groupProfile)
    .map(({ data }) => toHex(data))[0];

/** The founder and one more, as a tuple. */
async function pair(): Promise<[GroupState, GroupState]> {
  const [alice, bob] = await found(2);
  return [alice as GroupState, bob as GroupState];
}

test('an unmerged leaf is listed by the nodes below its node only, and the tree is joined all the same', async () => {
  let states = await found(8);
  const commitBy = async (leaf: number, request: CommitRequest) => {
    const place = states.findIndex(({ path }) => path.leafIndex === leaf);
    const round = await commitRound(groups, states, place, request);
    states = round.states;
    return round.commit;
  };
  await commitBy(6, { remove: [3] });
  // Sets the nodes above leaf 3, which is blank: the next one there is unmerged below the root only.
  await commitBy(2, {});
  await commitBy(6, { add: [groups.client(20).keyPackage().message] });
  const late = groups.client(21).keyPackage();
  const third = await commitBy(6, { add: [late.message] });

  const state = await groups.join(late, third.welcome);
  expect(authenticator(state)).toBe(authenticator(third.state));
  // Once the library joins here, its own join can take the place of ours.
  const library = libraryJoin(
    decodeWelcome(third.welcome as Uint8Array),
    decodeKeyPackageMessage(late.message),
    decodePrivatePackage(late.privateBytes),
    emptyPskIndex,
    cs,
  );
  await expect(library).rejects.toThrow('must list leaf node in its unmerged_leaves');
});

test('the bodies of custom proposals are bare on the wire', () => {
  const update = Uint8Array.of(1, 2, 3);
  const appData = { type: 'app_data_update', componentId: COMPONENT.groupProfile, update } as const;
  expect(toHex(proposalBytes(appData))).toBe('0008' + '8001' + '01' + '03010203');
  expect(toHex(proposalBytes({ ...appData, update: undefined }))).toBe('0008' + '8001' + '02');
  expect(toHex(proposalBytes({ type: 'self_remove' }))).toBe('000a');
  // The library's form, which no peer of the profile reads.
  expect(toHex(encodeProposal({ proposalType: 10, proposalData: new Uint8Array(0) }))).toBe('000a' + '00');
});

test('an app_data_update is applied by everyone, and the dictionary stays the last extension', async () => {
  const name = Uint8Array.of(3, 110, 101, 119, 0);
  const { states } = await commitRound(groups, await found(3), 0, {
    appData: [{ componentId: COMPONENT.groupProfile, update: name }],
  });
  expect(new Set(states.map(authenticator)).size).toBe(1);
  expect(states.map(profileOf)).toEqual([toHex(name), toHex(name), toHex(name)]);
  expect(states[0]?.context.extensions.at(-1)?.extensionType).toBe(6);
});

test('a self_remove that another member commits takes the leaf away', async () => {
  const [alice, bob, carol] = (await found(3)) as [GroupState, GroupState, GroupState];
  const leave = proposeSelfRemove(carol);
  const [a, b] = (await deliver(groups, [alice, bob], leave.message)) as [GroupState, GroupState];
  const { states, commit } = await commitRound(groups, [a, b], 1, { pending: 'self_remove' });
  expect(new Set(states.map(authenticator)).size).toBe(1);
  expect(states[0]?.tree[4]).toBeUndefined();
  expect(await processMessage(cs, leave.state, commit.message)).toMatchObject({ kind: 'removed' });
});

test('nobody can commit a self_remove of its own, or one that was not sent', async () => {
  const [alice, bob] = await pair();
  const leave = proposeSelfRemove(bob);
  await expect(createCommit(cs, leave.state, { pending: 'all' })).rejects.toMatchObject({
    reason: 'invalid',
  });
  const heard = stateAfter(await processMessage(cs, alice, leave.message));
  const commit = await createCommit(cs, heard, { pending: 'all' });
  expect(await processMessage(cs, bob, commit.message)).toEqual(refused('invalid'));
});

test('being removed is an outcome of its own, also when somebody else gets the place in the same commit', async () => {
  const [alice, bob] = await pair();
  const guest = groups.client(30).keyPackage();
  const commit = await createCommit(cs, alice, { remove: [1], add: [guest.message] });
  expect((await groups.join(guest, commit.welcome)).path.leafIndex).toBe(1);
  expect(await processMessage(cs, bob, commit.message)).toMatchObject({
    kind: 'removed',
    change: {
      committer: 0,
      proposals: [{ fact: { type: 'remove', leafIndex: 1 } }, { fact: { type: 'add' } }],
    },
  });
});

test('a commit with a single Remove carries a path that leaves out the member removed', async () => {
  const [alice, bob, carol] = (await found(3)) as [GroupState, GroupState, GroupState];
  const removal = await createCommit(cs, alice, { remove: [2] });
  const after = stateAfter(await processMessage(cs, bob, removal.message));
  const { message } = await sealApplication(cs, removal.state, Uint8Array.of(7));
  expect(await processMessage(cs, after, message)).toMatchObject({
    kind: 'application',
    data: Uint8Array.of(7),
  });
  expect(await processMessage(cs, carol, removal.message)).toMatchObject({ kind: 'removed' });
  expect(await processMessage(cs, carol, message)).toEqual(refused('wrong_epoch'));
});

test('one KeyPackage joins one group once', async () => {
  const guest = groups.client(40).keyPackage();
  const commit = await createCommit(cs, await groups.create(groups.client(0)), { add: [guest.message] });
  const state = await groups.join(guest, commit.welcome);
  const heldGroups = [toHex(state.context.groupId)];
  const again = { welcome: commit.welcome as Uint8Array, keyPackage: guest, heldGroups };
  expect(await joinGroup(cs, again)).toEqual(refused('already_member'));
});

test('what a refused join looked at is as it was', async () => {
  const guest = groups.client(41).keyPackage();
  const before = structuredClone(guest);
  const { welcome } = await createCommit(cs, await groups.create(groups.client(0)), { add: [guest.message] });
  const broken = (welcome as Uint8Array).with(-1, ((welcome as Uint8Array).at(-1) as number) ^ 1);
  // The secrets are bound to the encrypted GroupInfo.
  expect(await joinGroup(cs, { welcome: broken, keyPackage: guest, heldGroups: [] })).toEqual(
    refused('unauthentic'),
  );
  expect(guest).toEqual(before);
});

test('bytes behind a message, a Welcome or a state are an error', async () => {
  const [alice, bob] = await pair();
  const guest = groups.client(42).keyPackage();
  const { message, welcome } = await createCommit(cs, alice, { add: [guest.message] });
  expect(await processMessage(cs, bob, withByte(message))).toEqual(refused('malformed'));
  const joining = { welcome: withByte(welcome as Uint8Array), keyPackage: guest, heldGroups: [] };
  expect(await joinGroup(cs, joining)).toEqual(refused('malformed'));
  expect(() => decodeState(withByte(encodeState(alice)))).toThrow('left over');
});

test('consumed secrets are those of the old state alone: erasing them kills it and leaves the new one whole', async () => {
  const [alice, bob] = await pair();
  const commit = await createCommit(cs, alice, {});
  const followed = await processMessage(cs, bob, commit.message);
  if (followed.kind !== 'commit') throw new Error(followed.kind);
  const [oldBytes, newBytes] = [encodeState(bob), encodeState(followed.state)];
  expect(followed.consumed).toContain(bob.schedule.initSecret);
  erase([...commit.consumed, ...followed.consumed]);
  expect(bob.schedule.initSecret.every((byte) => byte === 0)).toBe(true);
  expect(bob.schedule.exporterSecret.every((byte) => byte === 0)).toBe(true);
  expect(encodeState(followed.state)).toEqual(newBytes);
  // Roll back from bytes: erasing reached nothing in them.
  const rolledBack = await processMessage(cs, decodeState(oldBytes), commit.message);
  expect(authenticator(stateAfter(rolledBack))).toBe(authenticator(commit.state));
  const { message } = await sealApplication(cs, commit.state, Uint8Array.of(1));
  expect(await processMessage(cs, followed.state, message)).toMatchObject({ kind: 'application' });
});

test('the same KeyPackage cannot be added twice, nor a second leaf with a key that is there', async () => {
  const guest = groups.client(44).keyPackage();
  const [alice] = await pair();
  const twice = createCommit(cs, alice, { add: [guest.message, guest.message] });
  await expect(twice).rejects.toMatchObject({ reason: 'invalid' });
  const { state } = await createCommit(cs, alice, { add: [guest.message] });
  const again = createCommit(cs, state, { add: [guest.message] });
  await expect(again).rejects.toMatchObject({ reason: 'invalid', message: 'an encryption key occurs twice' });
});

test('two operations on one component in one commit are refused', async () => {
  const [alice] = await pair();
  const change = { componentId: COMPONENT.groupProfile, update: Uint8Array.of(0, 0) };
  const commit = createCommit(cs, alice, { appData: [change, { ...change, update: undefined }] });
  await expect(commit).rejects.toMatchObject({ reason: 'invalid' });
});

test('messages come late, early and twice: each is read once, up to 100 late and 1,000 ahead', async () => {
  const [alice, bob] = await pair();
  const sent: Uint8Array[] = [];
  let sender = alice;
  for (let generation = 0; generation <= 1_002; generation++) {
    const sealed = await sealApplication(cs, sender, Uint8Array.of(generation % 256));
    sent.push(sealed.message);
    sender = sealed.state;
  }
  const open = (state: GroupState, generation: number) =>
    processMessage(cs, state, sent[generation] as Uint8Array);
  expect(await open(bob, 1_001)).toEqual(refused('too_far_ahead'));
  const ahead = stateAfter(await open(bob, 1_000));
  expect(await open(ahead, 1_000)).toEqual(refused('replayed'));
  expect(await open(ahead, 899)).toEqual(refused('replayed'));
  const late = stateAfter(await open(ahead, 901));
  expect(await open(late, 901)).toEqual(refused('replayed'));
  const early = stateAfter(await open(bob, 50));
  expect(await open(stateAfter(await open(early, 1_000)), 10)).toEqual(refused('replayed'));
  expect(await open(late, 1_002)).toMatchObject({ kind: 'application', data: Uint8Array.of(1_002 % 256) });
});
