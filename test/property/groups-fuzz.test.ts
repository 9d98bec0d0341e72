/**
 * Bytes that nobody honest sends, from strangers and from members: refusals of a known kind only.
 * FUZZ_RUNS=n sets how many.
 */
import fc from 'fast-check';
import { encryptWithLabel } from 'ts-mls/crypto/hpke.js';
import { extractWelcomeSecret } from 'ts-mls/groupInfo.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { createCommit, proposeSelfRemove } from '../../src/mls/group/commit-create.ts';
import { joinGroup } from '../../src/mls/group/join.ts';
import { processMessage } from '../../src/mls/group/process.ts';
import type { GroupState } from '../../src/mls/group/state.ts';
import { decodeState, encodeState } from '../../src/mls/group/state-codec.ts';
import { commitBytes, readCommit } from '../../src/mls/messages/commit.ts';
import { extensionOf } from '../../src/mls/messages/extensions.ts';
import { readPublicMessage } from '../../src/mls/messages/framing.ts';
import { decodeKeyPackageMessage } from '../../src/mls/messages/key-package-message.ts';
import { sealApplication } from '../../src/mls/messages/private-message.ts';
import { encodeWelcome, GROUP_SECRETS, sealGroupInfo } from '../../src/mls/messages/welcome.ts';
import { orRefused, Refusal, type Refused } from '../../src/mls/refusal.ts';
import { decodeTree, treeBytes } from '../../src/mls/tree/codec.ts';
import { rootHash } from '../../src/mls/tree/hash.ts';
import { decodeExactly, ifWellFormed } from '../../src/protocol/bytes.ts';
import { COMPONENT, EXTENSION } from '../../src/protocol/kinds.ts';
import type { PrivateKeyPackage } from '../../src/records.ts';
import { commitRound, createTestGroups, resigned } from '../support/groups.ts';
import { createSeededRandom } from '../support/random.ts';
import { FUZZ, FUZZ_TIMEOUT_MS, mutated } from '../unit/mls/fuzz.ts';

const groups = createTestGroups(createSeededRandom('groups fuzz'));
const { cs } = groups;
const options = { timeout: FUZZ_TIMEOUT_MS };
const guest: PrivateKeyPackage = groups.client('guest').keyPackage();

/** Alice sends, Bob listens; there are paths, a blank leaf and an unmerged one. */
let alice: GroupState;
let bob: GroupState;
let messages: Uint8Array[];
let welcome: Uint8Array;

beforeAll(async () => {
  const clients = [1, 2, 3, 4].map((name) => groups.client(name));
  let states = await groups.found(groups.client(0), clients);
  ({ states } = await commitRound(groups, states, 4, {}));
  ({ states } = await commitRound(groups, states, 1, { remove: [2] }));
  ({ states } = await commitRound(groups, states, 1, { add: [groups.client(5).keyPackage().message] }));
  [alice, bob] = states as [GroupState, GroupState];
  const appData = [{ componentId: COMPONENT.groupProfile, update: Uint8Array.of(0, 0) }];
  const commit = await createCommit(cs, alice, { add: [guest.message], remove: [3], appData });
  welcome = commit.welcome as Uint8Array;
  messages = [
    commit.message,
    (await createCommit(cs, alice, {})).message,
    proposeSelfRemove(alice).message,
    (await sealApplication(cs, alice, new Uint8Array(40))).message,
  ];
});

/** Nothing but our own defects is an internal error. */
function expectKnown(outcome: { readonly kind: string } | Refused): void {
  if ('reason' in outcome && outcome.reason === 'internal') throw new Error(outcome.stack);
}

const changed = (...valid: readonly Uint8Array[]) =>
  fc.oneof(fc.uint8Array({ maxLength: 500 }), mutated(...valid));

describe('from strangers', () => {
  test('a message that is not one of the group changes nothing', options, async () => {
    const before = encodeState(bob);
    await fc.assert(
      fc.asyncProperty(changed(...messages), async (bytes) => {
        const outcome = await processMessage(cs, bob, bytes);
        expectKnown(outcome);
        const isGenuine = messages.some((message) => Buffer.compare(message, bytes) === 0);
        if (!isGenuine) expect(outcome.kind).toBe('refused');
      }),
      FUZZ,
    );
    expect(encodeState(bob)).toEqual(before);
  });

  test('a Welcome is joined or refused', options, async () => {
    await fc.assert(
      fc.asyncProperty(changed(welcome), async (bytes) => {
        const outcome = await joinGroup(cs, { welcome: bytes, keyPackage: guest, heldGroups: [] });
        expectKnown(outcome);
        if (Buffer.compare(bytes, welcome) !== 0) expect(outcome.kind).toBe('refused');
      }),
      FUZZ,
    );
  });

  test('a state is read or malformed, and what is read is written the same', options, async () => {
    const bytes = encodeState(alice);
    await fc.assert(
      fc.asyncProperty(changed(bytes), async (stored) => {
        const outcome = await orRefused(async () => ({ kind: 'read', state: decodeState(stored) }) as const);
        expectKnown(outcome);
        if (outcome.kind === 'read') expect(encodeState(outcome.state)).toEqual(stored);
      }),
      FUZZ,
    );
  });
});

describe('from members', () => {
  test('a commit of anything is followed or refused', options, async () => {
    const samples = messages.slice(0, 2).map((message) => {
      const { content } = decodeExactly(message.subarray(4), readPublicMessage).framed;
      if (content.type !== 'commit') throw new Error(content.type);
      return commitBytes(content.commit);
    });
    await fc.assert(
      fc.asyncProperty(mutated(...samples), async (commit) => {
        const content = unlessRefused(() => decodeExactly(commit, readCommit));
        if (content === undefined) return;
        const message = resigned(alice, messages[0] as Uint8Array, () => ({
          type: 'commit',
          commit: content,
        }));
        const outcome = await processMessage(cs, bob, message);
        expectKnown(outcome);
        if (outcome.kind === 'commit') expect(commit).toEqual(samples[0]);
      }),
      FUZZ,
    );
  });

  /** An invitation by Alice to a group with this tree, right in everything else. */
  async function invitationTo(tree: Uint8Array): Promise<Uint8Array | undefined> {
    const decoded = unlessRefused(() => decodeTree(tree));
    if (decoded === undefined) return undefined;
    const joinerSecret = new Uint8Array(32);
    const noPsk = new Uint8Array(32);
    const info = {
      groupContext: { ...alice.context, treeHash: rootHash(decoded) },
      extensions: [extensionOf({ type: EXTENSION.ratchetTree, data: tree })],
      confirmationTag: alice.confirmationTag,
      signer: alice.path.leafIndex,
    };
    const welcomeSecret = await extractWelcomeSecret(joinerSecret, noPsk, cs.kdf);
    const encryptedGroupInfo = await sealGroupInfo(info, alice.signaturePrivateKey, welcomeSecret, cs);
    const { initKey } = decodeKeyPackageMessage(guest.message);
    const secrets = GROUP_SECRETS.encode({ joinerSecret, pathSecret: new Uint8Array(32), psks: [] });
    const key = await cs.hpke.importPublicKey(initKey);
    const { enc, ct } = await encryptWithLabel(key, 'Welcome', encryptedGroupInfo, secrets, cs.hpke);
    const newMember = new Uint8Array(Buffer.from(guest.ref, 'hex'));
    const sealed = { newMember, encryptedGroupSecrets: { kemOutput: enc, ciphertext: ct } };
    return encodeWelcome({ cipherSuite: cs.name, secrets: [sealed], encryptedGroupInfo });
  }

  test('a tree of anything is refused', options, async () => {
    const withGuest = (await createCommit(cs, alice, { add: [guest.message] })).state.tree;
    await fc.assert(
      fc.asyncProperty(mutated(treeBytes(withGuest)), async (tree) => {
        const invitation = await invitationTo(tree);
        if (invitation === undefined) return;
        const outcome = await joinGroup(cs, { welcome: invitation, keyPackage: guest, heldGroups: [] });
        expectKnown(outcome);
        expect(outcome.kind).toBe('refused');
      }),
      FUZZ,
    );
  });
});

/** What was read; undefined when it was refused, for whatever known reason. */
function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return ifWellFormed(read);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
