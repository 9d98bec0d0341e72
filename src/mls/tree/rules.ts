/** What makes a leaf and a whole tree valid (RFC 9420 sections 7.3 and 12.4.3.1). */
import { bytesToHex } from '@noble/hashes/utils.js';
import type { GroupContext } from 'ts-mls/groupContext.js';
import type { LeafNode } from 'ts-mls/leafNode.js';
import type { Node, RatchetTree } from 'ts-mls/ratchetTree.js';
import { constantTimeEqual } from '../crypto/symmetric.ts';
import { listedTypesOf, requiredCapabilities } from '../messages/extensions.ts';
import { ensure } from '../refusal.ts';
import { rootHash } from './hash.ts';
import { leafSignatureValid } from './leaf.ts';
import { parentHashesValid, unmergedLeavesValid } from './parent-hash.ts';

const hasAll = <T>(list: readonly T[], wanted: readonly T[]): boolean =>
  wanted.every((item) => list.includes(item));

/** The members of a tree with their leaf indices. */
export function leavesOf(tree: RatchetTree): { leafIndex: number; leaf: LeafNode }[] {
  return tree.flatMap((node, index) =>
    node?.nodeType === 'leaf' ? [{ leafIndex: index / 2, leaf: node.leaf }] : [],
  );
}

/** A check that every leaf of `context`'s group has to pass; the requirements are read once. */
export function leafRules(context: GroupContext): (leaf: LeafNode) => void {
  const required = requiredCapabilities(context.extensions);
  const inUse = listedTypesOf(context.extensions);
  return ({ capabilities, credential, extensions }) => {
    const supported =
      capabilities.versions.includes(context.version) &&
      capabilities.ciphersuites.includes(context.cipherSuite) &&
      capabilities.credentials.includes(credential.credentialType) &&
      hasAll(capabilities.extensions, listedTypesOf(extensions)) &&
      hasAll(capabilities.extensions, inUse) &&
      hasAll(capabilities.extensions, required.extensions) &&
      hasAll(capabilities.proposals, required.proposals) &&
      hasAll<string>(capabilities.credentials, required.credentials);
    ensure(supported, 'invalid', 'a leaf whose capabilities lack what it or the group uses');
  };
}

export function checkLeafSignature(leaf: LeafNode, groupId: Uint8Array, leafIndex: number): void {
  ensure(
    leafSignatureValid(leaf, groupId, leafIndex),
    'unauthentic',
    `the signature of leaf ${leafIndex} is invalid`,
  );
}

const publicKeyOf = (node: Node): Uint8Array =>
  node.nodeType === 'leaf' ? node.leaf.hpkePublicKey : node.parent.hpkePublicKey;

/** Section 7.3: keys are unique in the tree, and every member supports every credential type in use. */
export function checkMembership(tree: RatchetTree): void {
  const nodes = tree.filter((node) => node !== undefined);
  const leaves = leavesOf(tree).map(({ leaf }) => leaf);
  const distinct = (keys: readonly Uint8Array[]): boolean =>
    new Set(keys.map(bytesToHex)).size === keys.length;
  ensure(distinct(nodes.map(publicKeyOf)), 'invalid', 'an encryption key occurs twice');
  ensure(distinct(leaves.map((leaf) => leaf.signaturePublicKey)), 'invalid', 'a signature key occurs twice');
  const inUse = [...new Set(leaves.map(({ credential }) => credential.credentialType))];
  ensure(
    leaves.every(({ capabilities }) => hasAll<string>(capabilities.credentials, inUse)),
    'invalid',
    'a member does not support the credentials of another',
  );
}

/** The tree of a GroupInfo, complete: structure, every leaf, every hash. */
export function checkTree(tree: RatchetTree, context: GroupContext): void {
  ensure(
    constantTimeEqual(rootHash(tree), context.treeHash),
    'invalid',
    'the tree is not the one of the GroupContext',
  );
  ensure(unmergedLeavesValid(tree), 'invalid', 'an unmerged leaf is out of place');
  ensure(parentHashesValid(tree), 'invalid', 'a parent hash does not match');
  checkMembership(tree);
  const checkLeaf = leafRules(context);
  for (const { leaf, leafIndex } of leavesOf(tree)) {
    checkLeaf(leaf);
    checkLeafSignature(leaf, context.groupId, leafIndex);
  }
}
