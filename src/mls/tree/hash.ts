/** Tree hashes (RFC 9420 section 7.8), of every subtree at once. */
import { concatBytes } from '@noble/hashes/utils.js';
import type { Node, RatchetTree } from 'ts-mls/ratchetTree.js';
import { isLeaf, left, right, rootFromNodeWidth, toNodeIndex } from 'ts-mls/treemath.js';
import { uint32, vector } from '../../protocol/bytes.ts';
import { sha256 } from '../crypto/symmetric.ts';
import { parentBytes } from './codec.ts';
import { leafBytes } from './leaf.ts';

const LEAF = Uint8Array.of(1);
const PARENT = Uint8Array.of(2);
const ABSENT = Uint8Array.of(0);
const PRESENT = Uint8Array.of(1);

export const leafHash = (node: Node | undefined, leafIndex: number): Uint8Array =>
  sha256(
    node?.nodeType === 'leaf'
      ? concatBytes(LEAF, uint32(leafIndex), PRESENT, leafBytes(node.leaf))
      : concatBytes(LEAF, uint32(leafIndex), ABSENT),
  );

export const parentHashOf = (
  node: Node | undefined,
  leftHash: Uint8Array,
  rightHash: Uint8Array,
): Uint8Array => {
  const content = node?.nodeType === 'parent' ? [PRESENT, parentBytes(node.parent)] : [ABSENT];
  return sha256(concatBytes(PARENT, ...content, vector(leftHash), vector(rightHash)));
};

const nodeHash = (node: Node | undefined, index: number, [l, r]: readonly Uint8Array[]): Uint8Array =>
  l === undefined || r === undefined ? leafHash(node, index / 2) : parentHashOf(node, l, r);

/** Trees are immutable; a commit hashes the one it started from and the one it makes. */
const known = new WeakMap<RatchetTree, readonly Uint8Array[]>();

/**
 * The hash of the subtree below every node, by node index. Subtrees that `basis`, an earlier tree, has too
 * are taken from its hashes: a commit then costs as many hashes as nodes changed.
 */
export function treeHashes(tree: RatchetTree, basis?: RatchetTree): readonly Uint8Array[] {
  const ready = known.get(tree);
  if (ready !== undefined) return ready;
  const old = basis === undefined ? undefined : known.get(basis);
  const hashes = new Array<Uint8Array>(tree.length);
  const visit = (index: number): Uint8Array => {
    const place = toNodeIndex(index);
    const children: number[] = isLeaf(place) ? [] : [left(place), right(place)];
    const below = children.map(visit);
    const kept = old?.[index];
    const isKept =
      tree[index] === basis?.[index] && children.every((child, at) => below[at] === old?.[child]);
    const hash = kept !== undefined && isKept ? kept : nodeHash(tree[index], index, below);
    hashes[index] = hash;
    return hash;
  };
  visit(rootFromNodeWidth(tree.length));
  known.set(tree, hashes);
  return hashes;
}

export function rootHash(tree: RatchetTree, basis?: RatchetTree): Uint8Array {
  return treeHashes(tree, basis)[rootFromNodeWidth(tree.length)] as Uint8Array;
}
