/** The MLS working group's vectors (test/vectors/README.md) through our own functions. */
import { deriveKeySchedule } from 'ts-mls/keySchedule.js';
import { emptyPskIndex, type PskIndex } from 'ts-mls/pskIndex.js';
import { removeLeafNode } from 'ts-mls/ratchetTree.js';
import { toLeafIndex } from 'ts-mls/treemath.js';
import { describe, expect, test } from 'vitest';
import { confirmationTag } from '../../../src/mls/group/epoch.ts';
import { joinGroup, openGroupSecrets } from '../../../src/mls/group/join.ts';
import { processMessage } from '../../../src/mls/group/process.ts';
import type { GroupState } from '../../../src/mls/group/state.ts';
import {
  checkFramed,
  checkMembershipTag,
  confirmedTranscript,
  interimTranscript,
} from '../../../src/mls/messages/auth.ts';
import { commitBytes } from '../../../src/mls/messages/commit.ts';
import { readPublicMessage, WIRE } from '../../../src/mls/messages/framing.ts';
import { decodeKeyPackageMessage, keyPackageRef } from '../../../src/mls/messages/key-package-message.ts';
import { encodePrivatePackage } from '../../../src/mls/messages/private-package.ts';
import { proposalBytes } from '../../../src/mls/messages/proposal.ts';
import {
  decodeWelcome,
  groupInfoSignatureValid,
  openGroupInfo,
  welcomeRefs,
} from '../../../src/mls/messages/welcome.ts';
import { decodeTree, treeBytes } from '../../../src/mls/tree/codec.ts';
import { leavesOf } from '../../../src/mls/tree/rules.ts';
import { createSecretTree, keyOf } from '../../../src/mls/tree/secret-tree.ts';
import { decodeExactly } from '../../../src/protocol/bytes.ts';
import { createTestGroups, joined, stateAfter } from '../../support/groups.ts';
import { createSeededRandom } from '../../support/random.ts';
import { fromHex, toHex, vectors } from './samples.ts';

const groups = createTestGroups(createSeededRandom('vectors'));
const { cs } = groups;

interface PassiveClient {
  external_psks: { psk_id: string; psk: string }[];
  key_package: string;
  signature_priv: string;
  encryption_priv: string;
  init_priv: string;
  welcome: string;
  ratchet_tree: string | null;
  initial_epoch_authenticator: string;
  epochs: { proposals: string[]; commit: string; epoch_authenticator: string }[];
}

/** External keys from the vector, resumption keys from the epochs the client has seen. */
function pskIndex(vector: PassiveClient, seen: readonly GroupState[]): PskIndex {
  return {
    findPsk(id) {
      if (id.psktype === 'resumption')
        return seen.find(({ context }) => context.epoch === id.pskEpoch)?.schedule.resumptionPsk;
      const external = vector.external_psks.find(({ psk_id }) => psk_id === toHex(id.pskId));
      return external === undefined ? undefined : fromHex(external.psk);
    },
  };
}

function joining(vector: PassiveClient, ratchetTree = fromHex(vector.ratchet_tree ?? '')) {
  const message = fromHex(vector.key_package);
  return joinGroup(cs, {
    welcome: fromHex(vector.welcome),
    keyPackage: {
      ref: keyPackageRef(decodeKeyPackageMessage(message)),
      message,
      privateBytes: encodePrivatePackage({
        initPrivateKey: fromHex(vector.init_priv),
        hpkePrivateKey: fromHex(vector.encryption_priv),
        signaturePrivateKey: fromHex(vector.signature_priv),
      }),
    },
    heldGroups: [],
    ...(ratchetTree.length > 0 ? { ratchetTree } : {}),
    psks: pskIndex(vector, []),
  });
}

async function advance(state: GroupState, message: string, psks: PskIndex): Promise<GroupState> {
  return stateAfter(await processMessage(cs, state, fromHex(message), psks));
}

describe.each(['passive-client-welcome', 'passive-client-handling-commit'])('%s', (name) => {
  test.each(vectors<PassiveClient[]>(`mlswg/${name}.json`).map((vector, at) => [at, vector] as const))(
    'client %i joins and follows every commit to the same epoch authenticators',
    async (_, vector) => {
      let state = joined(await joining(vector));
      const seen = [state];
      expect(toHex(state.schedule.epochAuthenticator)).toBe(vector.initial_epoch_authenticator);
      for (const epoch of vector.epochs) {
        for (const proposal of epoch.proposals) state = await advance(state, proposal, emptyPskIndex);
        state = await advance(state, epoch.commit, pskIndex(vector, seen));
        seen.push(state);
        expect(toHex(state.schedule.epochAuthenticator)).toBe(epoch.epoch_authenticator);
      }
    },
  );
});

test('a valid tree that is not the one of the GroupContext is refused, and so is none', async () => {
  const vector = vectors<PassiveClient[]>('mlswg/passive-client-welcome.json').find(
    (it) => it.ratchet_tree !== null,
  );
  if (vector === undefined) throw new Error('every tree comes in its Welcome');
  const tree = decodeTree(fromHex(vector.ratchet_tree ?? ''));
  const [, victim] = leavesOf(tree);
  const smaller = removeLeafNode(tree, toLeafIndex(victim?.leafIndex ?? 0));
  expect(await joining(vector, treeBytes(smaller))).toMatchObject({
    kind: 'refused',
    detail: 'the tree is not the one of the GroupContext',
  });
  expect(await joining(vector, new Uint8Array(0))).toMatchObject({
    kind: 'refused',
    detail: 'a GroupInfo without the ratchet tree',
  });
});

interface WelcomeVector {
  init_priv: string;
  key_package: string;
  signer_pub: string;
  welcome: string;
}

test('welcome: the GroupInfo opens, is signed by its signer, and its confirmation tag holds', async () => {
  const [vector] = vectors<[WelcomeVector]>('mlswg/welcome.json');
  const keyPackage = decodeKeyPackageMessage(fromHex(vector.key_package));
  const welcome = decodeWelcome(fromHex(vector.welcome));
  expect(welcomeRefs(fromHex(vector.welcome))).toContain(keyPackageRef(keyPackage));
  const secrets = await openGroupSecrets(cs, welcome, keyPackage, fromHex(vector.init_priv));
  const noPsk = new Uint8Array(32);
  const info = await openGroupInfo(welcome.encryptedGroupInfo, secrets.joinerSecret, noPsk, cs);
  expect(groupInfoSignatureValid(info, fromHex(vector.signer_pub))).toBe(true);
  const [schedule] = await deriveKeySchedule(secrets.joinerSecret, noPsk, info.groupContext, cs.kdf);
  const tag = confirmationTag(schedule.confirmationKey, info.groupContext.confirmedTranscriptHash);
  expect(tag).toEqual(info.confirmationTag);
});

interface TranscriptVector {
  confirmation_key: string;
  authenticated_content: string;
  interim_transcript_hash_before: string;
  confirmed_transcript_hash_after: string;
  interim_transcript_hash_after: string;
}

test('transcript-hashes: both hashes and the confirmation tag', () => {
  const [vector] = vectors<[TranscriptVector]>('mlswg/transcript-hashes.json');
  // AuthenticatedContent is a PublicMessage without its membership tag, behind the wire format.
  const content = fromHex(`${vector.authenticated_content}00`);
  const { framed, auth } = decodeExactly(content, (reader) => {
    expect(reader.uint16()).toBe(WIRE.public);
    return readPublicMessage(reader);
  });
  const interim = fromHex(vector.interim_transcript_hash_before);
  const confirmed = confirmedTranscript(interim, framed, auth.signature);
  const tag = confirmationTag(fromHex(vector.confirmation_key), confirmed);
  expect(toHex(confirmed)).toBe(vector.confirmed_transcript_hash_after);
  expect(tag).toEqual(auth.confirmationTag);
  expect(toHex(interimTranscript(confirmed, tag))).toBe(vector.interim_transcript_hash_after);
});

interface SecretTreeVector {
  encryption_secret: string;
  leaves: { generation: number; application_key: string; application_nonce: string }[][];
}

test.each(
  vectors<SecretTreeVector[]>('mlswg/secret-tree.json').map(
    (vector) => [vector.leaves.length, vector] as const,
  ),
)('secret-tree: application keys of %i leaves', async (count, vector) => {
  let tree = createSecretTree(count, fromHex(vector.encryption_secret));
  for (const [leaf, generations] of vector.leaves.entries()) {
    for (const { generation, application_key, application_nonce } of generations) {
      const step = await keyOf(tree, leaf, generation, cs);
      tree = step.tree;
      expect([toHex(step.messageKey.key), toHex(step.messageKey.nonce)]).toEqual([
        application_key,
        application_nonce,
      ]);
    }
  }
});

interface ProtectionVector {
  proposal_priv: string;
  commit_priv: string;
  group_id: string;
  epoch: number;
  tree_hash: string;
  confirmed_transcript_hash: string;
  signature_pub: string;
  encryption_secret: string;
  sender_data_secret: string;
  membership_key: string;
  proposal: string;
  proposal_pub: string;
  commit: string;
  commit_pub: string;
  application: string;
  application_priv: string;
}

/** The state of the vector's receiver, as far as messages of leaf 1 need one. */
async function receiver(vector: ProtectionVector): Promise<GroupState> {
  const state = await groups.create(groups.client('receiver'));
  const own = state.tree[0];
  if (own?.nodeType !== 'leaf') throw new Error('no leaf');
  const sender = { ...own.leaf, signaturePublicKey: fromHex(vector.signature_pub) };
  return {
    ...state,
    context: {
      ...state.context,
      groupId: fromHex(vector.group_id),
      epoch: BigInt(vector.epoch),
      treeHash: fromHex(vector.tree_hash),
      confirmedTranscriptHash: fromHex(vector.confirmed_transcript_hash),
      extensions: [],
    },
    tree: [own, undefined, { nodeType: 'leaf', leaf: sender }],
    schedule: { ...state.schedule, senderDataSecret: fromHex(vector.sender_data_secret) },
    secretTree: createSecretTree(2, fromHex(vector.encryption_secret)),
  };
}

test('message-protection: application data, and the two handshake messages of the profile', async () => {
  const [vector] = vectors<[ProtectionVector]>('mlswg/message-protection.json');
  const state = await receiver(vector);
  expect(await processMessage(cs, state, fromHex(vector.application_priv))).toMatchObject({
    kind: 'application',
    sender: 1,
    data: fromHex(vector.application),
  });
  for (const type of ['proposal', 'commit'] as const) {
    const encrypted = await processMessage(cs, state, fromHex(vector[`${type}_priv`]));
    expect(encrypted).toMatchObject({ kind: 'refused', reason: 'unsupported' });
    const { framed, auth, membershipTag } = decodeExactly(
      fromHex(vector[`${type}_pub`]).subarray(4),
      readPublicMessage,
    );
    checkMembershipTag({ framed, auth, membershipTag }, state.context, fromHex(vector.membership_key));
    checkFramed(WIRE.public, framed, state.context, auth.signature, fromHex(vector.signature_pub));
    const { content } = framed;
    const bytes = content.type === 'commit' ? commitBytes(content.commit) : proposalBytes(content.proposal);
    expect(toHex(bytes)).toBe(vector[type]);
  }
});
