/**
 * Joining from a Welcome (RFC 9420 section 12.4.3.1). Our own composition: the library's refuses valid trees,
 * because it asks nodes above an unmerged leaf's parent to list that leaf too.
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import type { CiphersuiteImpl, GroupInfo, KeyPackage, Welcome } from 'ts-mls';
import { decryptWithLabel } from 'ts-mls/crypto/hpke.js';
import type { GroupSecrets } from 'ts-mls/groupSecrets.js';
import { deriveKeySchedule } from 'ts-mls/keySchedule.js';
import { accumulatePskSecret, emptyPskIndex, type PskIndex } from 'ts-mls/pskIndex.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { directPath, leafToNodeIndex, leafWidth, toLeafIndex } from 'ts-mls/treemath.js';
import { EXTENSION } from '../../protocol/kinds.ts';
import type { PrivateKeyPackage as StoredPackage } from '../../records.ts';
import { constantTimeEqual } from '../crypto/symmetric.ts';
import { decodeExact } from '../messages/exact.ts';
import { extensionData, typesOf } from '../messages/extensions.ts';
import { decodeKeyPackageMessage, keyPackageRef } from '../messages/key-package-message.ts';
import { decodePrivatePackage } from '../messages/private-package.ts';
import { decodeWelcome, GROUP_SECRETS, groupInfoSignatureValid, openGroupInfo } from '../messages/welcome.ts';
import { ensure, orRefused, type Refused } from '../refusal.ts';
import { decodeTree } from '../tree/codec.ts';
import { leafBytes } from '../tree/leaf.ts';
import { isBelow } from '../tree/parent-hash.ts';
import { leafOf, pathKeys, publicKeyAt } from '../tree/path.ts';
import { checkTree, leavesOf } from '../tree/rules.ts';
import { createSecretTree } from '../tree/secret-tree.ts';
import { confirmationTag } from './epoch.ts';
import { erase, type GroupState } from './state.ts';

export interface JoinRequest {
  /** MLSMessage(mls_welcome). */
  readonly welcome: Uint8Array;
  /** The package that one of `welcomeRefs` names; it is not changed. */
  readonly keyPackage: StoredPackage;
  /** MLS group ids, hex, of the groups we are in. */
  readonly heldGroups: readonly string[];
  /** The ratchet tree where it does not come in the GroupInfo; the profile always has it there. */
  readonly ratchetTree?: Uint8Array;
  /** Finds pre-shared keys, of which the profile has none. */
  readonly psks?: PskIndex;
}

export type JoinOutcome =
  | {
      readonly kind: 'joined';
      readonly state: GroupState;
      /** Leaf index of who signed the GroupInfo: who invites. */
      readonly signer: number;
    }
  | Refused;

/** Tentative: nothing but the result changes. Whether to accept the group is judged from `groupFacts`. */
export function joinGroup(cs: CiphersuiteImpl, request: JoinRequest): Promise<JoinOutcome> {
  return orRefused<JoinOutcome>(async () => {
    const opened = await openWelcome(cs, request);
    const { info, secrets, pskSecret, keys } = opened;
    const { groupContext: context, signer } = info;
    const groupId = bytesToHex(context.groupId);
    ensure(!request.heldGroups.includes(groupId), 'already_member', 'a group that we are in already');
    const tree = checkedTree(info, request.ratchetTree);
    const leafIndex = ownLeaf(tree, opened.keyPackage);
    const privateKeys = await keysAbove(tree, leafIndex, signer, secrets.pathSecret, cs);
    const { joinerSecret } = secrets;
    const [schedule, encryptionSecret] = await deriveKeySchedule(joinerSecret, pskSecret, context, cs.kdf);
    erase([joinerSecret, pskSecret, keys.initPrivateKey]);
    const tag = confirmationTag(schedule.confirmationKey, context.confirmedTranscriptHash);
    const isConfirmed = constantTimeEqual(tag, info.confirmationTag);
    ensure(isConfirmed, 'unauthentic', 'the confirmation tag of the GroupInfo is invalid');
    const state: GroupState = {
      context,
      tree,
      schedule,
      secretTree: createSecretTree(leafWidth(tree.length), encryptionSecret),
      path: { leafIndex, privateKeys: { ...privateKeys, [2 * leafIndex]: keys.hpkePrivateKey } },
      signaturePrivateKey: keys.signaturePrivateKey,
      confirmationTag: tag,
      pending: [],
    };
    return { kind: 'joined', state, signer };
  });
}

/** Everything that is encrypted to us. */
async function openWelcome(cs: CiphersuiteImpl, request: JoinRequest) {
  const welcome = decodeWelcome(request.welcome);
  ensure(welcome.cipherSuite === cs.name, 'unsupported', `the ciphersuite ${welcome.cipherSuite}`);
  const keyPackage = decodeKeyPackageMessage(request.keyPackage.message);
  const keys = decodePrivatePackage(request.keyPackage.privateBytes);
  const secrets = await openGroupSecrets(cs, welcome, keyPackage, keys.initPrivateKey);
  const zeroes = new Uint8Array(cs.kdf.size);
  const [pskSecret] = await accumulatePskSecret(secrets.psks, request.psks ?? emptyPskIndex, cs, zeroes);
  const info = await openGroupInfo(welcome.encryptedGroupInfo, secrets.joinerSecret, pskSecret, cs);
  const sameSuite = info.groupContext.cipherSuite === welcome.cipherSuite;
  ensure(sameSuite, 'invalid', 'a GroupInfo of another ciphersuite');
  return { keyPackage, keys, secrets, pskSecret, info };
}

/** What the Welcome holds for one KeyPackage. Throws refusals. */
export async function openGroupSecrets(
  cs: CiphersuiteImpl,
  welcome: Welcome,
  keyPackage: KeyPackage,
  initPrivateKey: Uint8Array,
): Promise<GroupSecrets> {
  const ref = hexToBytes(keyPackageRef(keyPackage));
  const sealed = welcome.secrets.find(({ newMember }) => constantTimeEqual(newMember, ref));
  ensure(sealed !== undefined, 'not_for_us', 'a Welcome that does not name this KeyPackage');
  const key = await cs.hpke.importPrivateKey(initPrivateKey);
  const { kemOutput, ciphertext } = sealed.encryptedGroupSecrets;
  const info = welcome.encryptedGroupInfo;
  return decodeExact(
    GROUP_SECRETS,
    await decryptWithLabel(key, 'Welcome', info, kemOutput, ciphertext, cs.hpke),
  );
}

function checkedTree(info: GroupInfo, separate: Uint8Array | undefined): RatchetTree {
  const types = typesOf(info.extensions);
  ensure(new Set(types).size === types.length, 'invalid', 'a GroupInfo with one extension twice');
  const bytes = extensionData(info.extensions, EXTENSION.ratchetTree) ?? separate;
  ensure(bytes !== undefined, 'invalid', 'a GroupInfo without the ratchet tree');
  const tree = decodeTree(bytes);
  const isSigned = groupInfoSignatureValid(info, leafOf(tree, info.signer).signaturePublicKey);
  ensure(isSigned, 'unauthentic', 'the signature of the GroupInfo is invalid');
  checkTree(tree, info.groupContext);
  return tree;
}

function ownLeaf(tree: RatchetTree, keyPackage: KeyPackage): number {
  const own = leafBytes(keyPackage.leafNode);
  const found = leavesOf(tree).find(({ leaf }) => Buffer.compare(leafBytes(leaf), own) === 0);
  ensure(found !== undefined, 'invalid', 'a group without our leaf in it');
  return found.leafIndex;
}

/** The path secret is that of the lowest node above both us and the signer; those above follow from it. */
async function keysAbove(
  tree: RatchetTree,
  leafIndex: number,
  signer: number,
  pathSecret: Uint8Array | undefined,
  cs: CiphersuiteImpl,
): Promise<Readonly<Record<number, Uint8Array>>> {
  if (pathSecret === undefined) return {};
  const own = leafToNodeIndex(toLeafIndex(leafIndex));
  const shared = directPath(own, leafWidth(tree.length)).filter((node) => isBelow(2 * signer, node));
  ensure(tree[shared[0] ?? own] !== undefined, 'invalid', 'a path secret for a blank node');
  const nodes = shared.filter((node) => tree[node] !== undefined);
  const { privateKeys, publicKeys, pathSecrets, commitSecret } = await pathKeys(pathSecret, nodes, cs);
  erase([commitSecret, ...pathSecrets.map(({ secret }) => secret)]);
  const agree = nodes.every((node, at) =>
    constantTimeEqual(publicKeyAt(tree, node), publicKeys[at] as Uint8Array),
  );
  ensure(agree, 'invalid', 'a path secret that does not fit the tree');
  return privateKeys;
}
