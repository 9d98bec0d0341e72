/** Commits and additions that break a rule of RFC 9420, by members who sign whatever they like. */
import { beforeAll, describe, expect, test } from 'vitest';
import { signWithLabel } from '../../../src/mls/crypto/labelled.ts';
import { type CommitRequest, createCommit, proposeSelfRemove } from '../../../src/mls/group/commit-create.ts';
import { processMessage, withPending } from '../../../src/mls/group/process.ts';
import type { GroupState } from '../../../src/mls/group/state.ts';
import { MAX_PENDING_PER_SENDER } from '../../../src/mls/limits.ts';
import type { Commit } from '../../../src/mls/messages/commit.ts';
import {
  decodeKeyPackageMessage,
  encodeKeyPackageMessage,
  keyPackageTbs,
} from '../../../src/mls/messages/key-package-message.ts';
import { decodePrivatePackage } from '../../../src/mls/messages/private-package.ts';
import type { Proposal } from '../../../src/mls/messages/proposal.ts';
import { signLeaf } from '../../../src/mls/tree/leaf.ts';
import { leafOf } from '../../../src/mls/tree/path.ts';
import { createTestGroups, deliver, resigned } from '../../support/groups.ts';
import { createSeededRandom } from '../../support/random.ts';

const groups = createTestGroups(createSeededRandom('group rules'));
const { cs } = groups;
let alice: GroupState;
let bob: GroupState;
beforeAll(async () => {
  const states = await groups.found(groups.client(0), [groups.client(1), groups.client(2)]);
  [alice, bob] = states as [GroupState, GroupState];
});

/** What Bob says to a commit of Alice with something in it changed. */
async function verdict(request: CommitRequest, change: (commit: Commit) => Commit) {
  const { message } = await createCommit(cs, alice, request);
  const forged = resigned(alice, message, (content) => {
    if (content.type !== 'commit') throw new Error(content.type);
    return { type: 'commit', commit: change(content.commit) };
  });
  const outcome = await processMessage(cs, bob, forged);
  return outcome.kind === 'refused' ? outcome.detail : outcome.kind;
}
const committing = (...proposals: Proposal[]) =>
  verdict({}, (commit) => ({
    ...commit,
    proposals: proposals.map((proposal) => ({ proposal })),
  }));

describe('a commit is refused', () => {
  test('without a path, when it is a self-update or removes somebody', async () => {
    const withoutPath = (commit: Commit): Commit => ({ ...commit, path: undefined });
    expect(await verdict({}, withoutPath)).toBe('a commit without its UpdatePath');
    expect(await verdict({ remove: [2] }, withoutPath)).toBe('a commit without its UpdatePath');
    const add = { add: [groups.client(10).keyPackage().message] };
    // An addition needs none: it fails where every commit with another content does.
    expect(await verdict(add, withoutPath)).toBe('the confirmation tag of a commit is invalid');
  });

  test('when what it says is not what its confirmation tag stands for', async () => {
    expect(await verdict({ remove: [2] }, (commit) => ({ ...commit, proposals: [] }))).toBe(
      'an UpdatePath that does not fit the tree',
    );
    expect(await verdict({}, (commit) => commit)).toBe('commit');
  });

  test('when it removes its committer, a blank leaf, or one leaf twice', async () => {
    const remove = (removed: number): Proposal => ({ type: 'remove', removed });
    expect(await committing(remove(0))).toBe('a commit that updates or removes its committer');
    expect(await committing(remove(3))).toBe('leaf 3 is blank');
    expect(await committing(remove(2), remove(2))).toBe('a commit with a change of one leaf twice');
  });

  test('when a list of extensions changes the components, or comes twice', async () => {
    const { extensions } = alice.context;
    const changed = { type: 'group_context_extensions', extensions: extensions.slice(0, 1) } as const;
    expect(await committing(changed)).toBe('a list of extensions that changes the components');
    const same = { type: 'group_context_extensions', extensions } as const;
    expect(await committing(same, same)).toBe('a commit with two lists of extensions');
  });

  test('when it uses an extension that not every member supports', async () => {
    const extensions = [
      ...alice.context.extensions,
      { extensionType: 0x7777, extensionData: new Uint8Array(0) },
    ];
    expect(await committing({ type: 'group_context_extensions', extensions })).toBe(
      'a commit that uses what not every member supports',
    );
  });

  test('when its path keeps the old leaf key, or its leaf is not signed for its place', async () => {
    const withLeaf = (change: (commit: Commit) => object) => (commit: Commit) => {
      const path = commit.path as NonNullable<Commit['path']>;
      return { ...commit, path: { ...path, leafNode: { ...path.leafNode, ...change(commit) } } };
    };
    const { hpkePublicKey } = leafOf(alice.tree, 0);
    expect(
      await verdict(
        {},
        withLeaf(() => ({ hpkePublicKey })),
      ),
    ).toBe('an UpdatePath without a new leaf key');
    expect(
      await verdict(
        {},
        withLeaf(() => ({ extensions: [] })),
      ),
    ).toBe('the signature of leaf 0 is invalid');
  });

  test('when it refers to a proposal that was never sent', async () => {
    const unknown = { ref: new Uint8Array(32) };
    expect(await verdict({}, (commit) => ({ ...commit, proposals: [unknown] }))).toBe(
      'a commit of a proposal that we do not have',
    );
  });
});

describe('nobody is added', () => {
  const guest = groups.client(20).keyPackage();
  const keyPackage = decodeKeyPackageMessage(guest.message);
  const { signaturePrivateKey } = decodePrivatePackage(guest.privateBytes);
  const adding = (changed: typeof keyPackage) => {
    const signature = signWithLabel(signaturePrivateKey, 'MLS 1.0 KeyPackageTBS', keyPackageTbs(changed));
    return createCommit(cs, alice, { add: [encodeKeyPackageMessage({ ...changed, signature })] });
  };

  test('without the capabilities that the group requires', async () => {
    const { leafNode } = keyPackage;
    const capabilities = { ...leafNode.capabilities, proposals: [0x0008] };
    const poor = signLeaf({ ...leafNode, capabilities }, new Uint8Array(0), 0, signaturePrivateKey);
    await expect(adding({ ...keyPackage, leafNode: poor })).rejects.toMatchObject({ reason: 'invalid' });
  });

  test('with one key for joining and for the tree, or for another ciphersuite', async () => {
    const { hpkePublicKey } = keyPackage.leafNode;
    await expect(adding({ ...keyPackage, initKey: hpkePublicKey })).rejects.toThrow('one key twice');
    const cipherSuite = 'MLS_128_DHKEMP256_AES128GCM_SHA256_P256';
    await expect(adding({ ...keyPackage, cipherSuite })).rejects.toThrow('another version or ciphersuite');
  });

  test('whose signature is of other bytes', async () => {
    const unsigned = encodeKeyPackageMessage({ ...keyPackage, initKey: new Uint8Array(32).fill(9) });
    await expect(createCommit(cs, alice, { add: [unsigned] })).rejects.toMatchObject({
      reason: 'unauthentic',
    });
  });
});

describe('proposals that wait', () => {
  test('are taken once', async () => {
    const { message } = proposeSelfRemove(bob);
    const [heard] = (await deliver(groups, [alice], message)) as [GroupState];
    expect(heard.pending).toHaveLength(1);
    expect(await processMessage(cs, heard, message)).toMatchObject({ kind: 'refused', reason: 'replayed' });
  });

  test('are few for each member', () => {
    const waiting = (count: number) =>
      Array.from({ length: count }, (_, at) => ({
        ref: Uint8Array.of(at),
        sender: 1,
        proposal: { type: 'remove', removed: at } as const,
      }));
    const full = waiting(MAX_PENDING_PER_SENDER).reduce(withPending, alice);
    const [next] = waiting(1).map((added) => ({ ...added, ref: Uint8Array.of(99) }));
    expect(() => withPending(full, next as NonNullable<typeof next>)).toThrow('too many proposals');
  });
});

test('a message of a sender who is no member is not ours to read', async () => {
  const { message } = proposeSelfRemove(alice);
  // Version, wire format, group id, epoch; then the type of the sender.
  const outsider = message.with(4 + 1 + 32 + 8, 2);
  expect(await processMessage(cs, bob, outsider)).toMatchObject({ kind: 'refused', reason: 'unsupported' });
});
