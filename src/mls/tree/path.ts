/** UpdatePath (RFC 9420 sections 7.4 to 7.9): new keys from a leaf to the root, made and followed. */
import type { CiphersuiteImpl } from 'ts-mls';
import { decryptWithLabel, encryptWithLabel } from 'ts-mls/crypto/hpke.js';
import { deriveSecret } from 'ts-mls/crypto/kdf.js';
import { encodeGroupContext, type GroupContext } from 'ts-mls/groupContext.js';
import type { HPKECiphertext } from 'ts-mls/hpkeCiphertext.js';
import type { LeafNode } from 'ts-mls/leafNode.js';
import { filteredDirectPathAndCopathResolution, type RatchetTree } from 'ts-mls/ratchetTree.js';
import {
  directPath,
  leafToNodeIndex,
  leafWidth,
  left,
  right,
  toLeafIndex,
  toNodeIndex,
} from 'ts-mls/treemath.js';
import type { UpdatePath } from 'ts-mls/updatePath.js';
import { constantTimeEqual } from '../crypto/symmetric.ts';
import { ensure } from '../refusal.ts';
import { rootHash, treeHashes } from './hash.ts';
import { signLeaf } from './leaf.ts';
import { isBelow, parentHash } from './parent-hash.ts';

const NO_HASH = new Uint8Array(0);

/** A node above the sender, and who below its other child gets its path secret. */
interface Rung {
  readonly node: number;
  readonly recipients: readonly number[];
}

/** The filtered direct path of `leaf`, leaf to root. `newLeaves` get their secrets in the Welcome instead. */
function ladder(tree: RatchetTree, leaf: number, newLeaves: readonly number[]): Rung[] {
  const without = new Set(newLeaves.map((index) => 2 * index));
  return filteredDirectPathAndCopathResolution(toLeafIndex(leaf), tree).map(({ nodeIndex, resolution }) => ({
    node: nodeIndex,
    recipients: resolution.filter((node) => !without.has(node)),
  }));
}

/**
 * `tree` with the public keys `keys` on the rungs (in their order), the rest of the direct path blank, and
 * parent hashes from the root down; and the parent hash that the new leaf has to carry.
 */
function climb(tree: RatchetTree, leaf: number, rungs: readonly Rung[], keys: readonly Uint8Array[]) {
  const place = leafToNodeIndex(toLeafIndex(leaf));
  const copy = tree.slice();
  for (const node of directPath(place, leafWidth(tree.length))) copy[node] = undefined;
  const hashes = treeHashes(tree);
  let hash: Uint8Array = NO_HASH;
  for (const [level, { node }] of [...rungs.entries()].reverse()) {
    const hpkePublicKey = keys[level] as Uint8Array;
    copy[node] = { nodeType: 'parent', parent: { hpkePublicKey, parentHash: hash, unmergedLeaves: [] } };
    const other = place < node ? right(toNodeIndex(node)) : left(toNodeIndex(node));
    hash = parentHash(hpkePublicKey, hash, hashes[other] as Uint8Array);
  }
  return { tree: copy, leafParentHash: hash };
}

function withLeaf(tree: RatchetTree, leaf: number, node: LeafNode, basis: RatchetTree) {
  const copy = tree.slice();
  copy[2 * leaf] = { nodeType: 'leaf', leaf: node };
  return { tree: copy, treeHash: rootHash(copy, basis) };
}

interface PathSecret {
  readonly node: number;
  readonly secret: Uint8Array;
}

async function keyPairOf(pathSecret: Uint8Array, cs: CiphersuiteImpl) {
  const nodeSecret = await deriveSecret(pathSecret, 'node', cs.kdf);
  const { privateKey, publicKey } = await cs.hpke.deriveKeyPair(nodeSecret);
  nodeSecret.fill(0);
  return {
    privateKey: await cs.hpke.exportPrivateKey(privateKey),
    publicKey: await cs.hpke.exportPublicKey(publicKey),
  };
}

/** From the path secret of the first node on: the key pair of each, and the commit secret behind the last. */
export async function pathKeys(first: Uint8Array, nodes: readonly number[], cs: CiphersuiteImpl) {
  const pathSecrets: PathSecret[] = [];
  const privateKeys: Record<number, Uint8Array> = {};
  const publicKeys: Uint8Array[] = [];
  let secret = first;
  for (const node of nodes) {
    const pair = await keyPairOf(secret, cs);
    pathSecrets.push({ node, secret });
    privateKeys[node] = pair.privateKey;
    publicKeys.push(pair.publicKey);
    secret = await deriveSecret(secret, 'path', cs.kdf);
  }
  return { pathSecrets, privateKeys, publicKeys, commitSecret: secret };
}

/** What both the maker and a follower of a path end with. */
export interface PathOutcome {
  readonly tree: RatchetTree;
  readonly treeHash: Uint8Array;
  /** Private keys that are new to us, by node index. */
  readonly privateKeys: Readonly<Record<number, Uint8Array>>;
  readonly commitSecret: Uint8Array;
}

export interface PathRequest {
  /** The tree with the proposals applied. */
  readonly tree: RatchetTree;
  /** The leaf of the committer. */
  readonly sender: number;
  /** The GroupContext of the next epoch but for `treeHash`, which the path decides. */
  readonly provisional: GroupContext;
  readonly newLeaves: readonly number[];
}

/** A fresh path for our own leaf. `pathSecrets` are for the Welcome; the caller erases them. */
export async function createPath(
  request: PathRequest,
  signaturePrivateKey: Uint8Array,
  cs: CiphersuiteImpl,
): Promise<PathOutcome & { path: UpdatePath; pathSecrets: readonly PathSecret[] }> {
  const { tree, sender, provisional } = request;
  const rungs = ladder(tree, sender, request.newLeaves);
  const leafPair = await keyPairOf(cs.rng.randomBytes(cs.kdf.size), cs);
  const keys = await pathKeys(
    cs.rng.randomBytes(cs.kdf.size),
    rungs.map(({ node }) => node),
    cs,
  );
  const climbed = climb(tree, sender, rungs, keys.publicKeys);
  const { signaturePublicKey, credential, capabilities, extensions } = leafOf(tree, sender);
  const unsigned = {
    hpkePublicKey: leafPair.publicKey,
    signaturePublicKey,
    credential,
    capabilities,
    leafNodeSource: 'commit' as const,
    parentHash: climbed.leafParentHash,
    extensions,
  };
  const leafNode = signLeaf(unsigned, provisional.groupId, sender, signaturePrivateKey);
  const finished = withLeaf(climbed.tree, sender, leafNode, tree);
  const context = encodeGroupContext({ ...provisional, treeHash: finished.treeHash });
  const nodes = [];
  for (const [level, { recipients }] of rungs.entries()) {
    const secret = (keys.pathSecrets[level] as PathSecret).secret;
    const encryptedPathSecret = await seal(tree, recipients, secret, context, cs);
    nodes.push({ hpkePublicKey: keys.publicKeys[level] as Uint8Array, encryptedPathSecret });
  }
  return {
    ...finished,
    path: { leafNode, nodes },
    pathSecrets: keys.pathSecrets,
    privateKeys: { ...keys.privateKeys, [2 * sender]: leafPair.privateKey },
    commitSecret: keys.commitSecret,
  };
}

async function seal(
  tree: RatchetTree,
  recipients: readonly number[],
  secret: Uint8Array,
  context: Uint8Array,
  cs: CiphersuiteImpl,
): Promise<HPKECiphertext[]> {
  const sealed = [];
  for (const node of recipients) {
    const key = await cs.hpke.importPublicKey(publicKeyAt(tree, node));
    const { enc, ct } = await encryptWithLabel(key, 'UpdatePathNode', context, secret, cs.hpke);
    sealed.push({ kemOutput: enc, ciphertext: ct });
  }
  return sealed;
}

/** Follows another member's path with the private keys in `own`. Refusals: `invalid`, `unauthentic`. */
export async function followPath(
  request: PathRequest,
  path: UpdatePath,
  own: { readonly leafIndex: number; readonly privateKeys: Readonly<Record<number, Uint8Array>> },
  cs: CiphersuiteImpl,
): Promise<PathOutcome> {
  const { tree, sender, provisional } = request;
  const rungs = ladder(tree, sender, request.newLeaves);
  const shaped =
    rungs.length === path.nodes.length &&
    rungs.every((rung, level) => rung.recipients.length === path.nodes[level]?.encryptedPathSecret.length);
  ensure(shaped, 'invalid', 'an UpdatePath that does not fit the tree');
  const publicKeys = path.nodes.map(({ hpkePublicKey }) => hpkePublicKey);
  const climbed = climb(tree, sender, rungs, publicKeys);
  const sameHash = constantTimeEqual(climbed.leafParentHash, path.leafNode.parentHash);
  ensure(sameHash, 'invalid', 'an UpdatePath whose leaf has another parent hash');
  const finished = withLeaf(climbed.tree, sender, path.leafNode, tree);
  const context = encodeGroupContext({ ...provisional, treeHash: finished.treeHash });

  const meet = rungs.findIndex(({ node }) => isBelow(2 * own.leafIndex, node));
  const { recipients } = rungs[meet] ?? { recipients: [] };
  const at = recipients.findIndex((node) => own.privateKeys[node] !== undefined);
  const sealed = path.nodes[meet]?.encryptedPathSecret[at];
  const opener = own.privateKeys[recipients[at] as number];
  ensure(sealed !== undefined && opener !== undefined, 'invalid', 'an UpdatePath that leaves us out');
  const key = await cs.hpke.importPrivateKey(opener);
  const { kemOutput, ciphertext } = sealed;
  const secret = await decryptWithLabel(key, 'UpdatePathNode', context, kemOutput, ciphertext, cs.hpke);
  const keys = await pathKeys(
    secret,
    rungs.slice(meet).map(({ node }) => node),
    cs,
  );
  // Section 12.4.2: else the sender could leave us with private keys that open nothing.
  const agree = keys.publicKeys.every((known, level) =>
    constantTimeEqual(known, publicKeys[meet + level] as Uint8Array),
  );
  ensure(agree, 'invalid', 'an UpdatePath whose public keys are not those of its secrets');
  for (const spent of keys.pathSecrets) spent.secret.fill(0);
  return { ...finished, privateKeys: keys.privateKeys, commitSecret: keys.commitSecret };
}

export function leafOf(tree: RatchetTree, leaf: number): LeafNode {
  const node = tree[2 * leaf];
  ensure(node?.nodeType === 'leaf', 'invalid', `leaf ${leaf} is blank`);
  return node.leaf;
}

export function publicKeyAt(tree: RatchetTree, index: number): Uint8Array {
  const node = tree[index];
  ensure(node !== undefined, 'invalid', `node ${index} is blank`);
  return node.nodeType === 'leaf' ? node.leaf.hpkePublicKey : node.parent.hpkePublicKey;
}
