/** Parent hashes (RFC 9420 section 7.9): proof that each parent's key was set by a member below it. */
import { concatBytes } from '@noble/hashes/utils.js';
import type { ParentNode } from 'ts-mls/parentNode.js';
import { type Node, type RatchetTree, resolution } from 'ts-mls/ratchetTree.js';
import { isLeaf, left, right, toNodeIndex } from 'ts-mls/treemath.js';
import { vector } from '../../protocol/bytes.ts';
import { constantTimeEqual, sha256 } from '../crypto/symmetric.ts';
import { leafHash, parentHashOf, treeHashes } from './hash.ts';

/** ParentHashInput of section 7.9, hashed. `sibling` is the original tree hash of the child not on the path. */
export const parentHash = (key: Uint8Array, ofParent: Uint8Array, sibling: Uint8Array): Uint8Array =>
  sha256(concatBytes(vector(key), vector(ofParent), vector(sibling)));

/** 2^level of a node: the lowest bit of its index that is not set (RFC 9420 appendix C). */
const span = (index: number): number => ~index & (index + 1);

/** The parent, in a tree that is as wide as it needs to be. */
const above = (index: number): number => (index | span(index)) & ~(span(index) << 1);

/** True when `index` lies in the subtree below `ancestor`, itself included. */
export const isBelow = (index: number, ancestor: number): boolean =>
  Math.abs(index - ancestor) < span(ancestor);

/** The tree hash below `index` as it was before `absent` leaves were added (section 7.9: "original"). */
function originalHash(tree: RatchetTree, index: number, absent: ReadonlySet<number>): Uint8Array {
  const leaves = [...absent].filter((leaf) => isBelow(2 * leaf, index));
  if (leaves.length === 0) return treeHashes(tree)[index] as Uint8Array;
  const place = toNodeIndex(index);
  if (isLeaf(place)) return leafHash(undefined, index / 2);
  const node = tree[index];
  const without: Node | undefined =
    node?.nodeType === 'parent'
      ? {
          nodeType: 'parent',
          parent: {
            ...node.parent,
            unmergedLeaves: node.parent.unmergedLeaves.filter((leaf) => !absent.has(leaf)),
          },
        }
      : undefined;
  const below = new Set(leaves);
  return parentHashOf(
    without,
    originalHash(tree, left(place), below),
    originalHash(tree, right(place), below),
  );
}

const hashInside = (node: Node | undefined): Uint8Array | undefined => {
  if (node?.nodeType === 'parent') return node.parent.parentHash;
  return node?.leaf.leafNodeSource === 'commit' ? node.leaf.parentHash : undefined;
};

/**
 * Section 7.9.2: some node D of the resolution of `child` carries the hash of its parent at `index`, and what
 * else is in that resolution was added later, that is, is unmerged at the parent.
 */
function vouchedBy(tree: RatchetTree, parent: ParentNode, child: number, sibling: number): boolean {
  const unmerged = new Set(parent.unmergedLeaves);
  const expected = parentHash(parent.hpkePublicKey, parent.parentHash, originalHash(tree, sibling, unmerged));
  const below = resolution(tree, toNodeIndex(child));
  const voucher = below.find((node) => {
    const carried = hashInside(tree[node]);
    return carried !== undefined && constantTimeEqual(carried, expected);
  });
  if (voucher === undefined) return false;
  const added = [...unmerged].filter((leaf) => isBelow(2 * leaf, child)).length;
  return (
    added === below.length - 1 &&
    below.every((node) => node === voucher || (isLeaf(node) && unmerged.has(node / 2)))
  );
}

/** Every non-blank parent is vouched for by one of its children. */
export function parentHashesValid(tree: RatchetTree): boolean {
  return tree.every((node, index) => {
    if (node?.nodeType !== 'parent') return true;
    const [l, r] = [left(toNodeIndex(index)), right(toNodeIndex(index))];
    return vouchedBy(tree, node.parent, l, r) || vouchedBy(tree, node.parent, r, l);
  });
}

/**
 * Section 12.4.3.1: an unmerged leaf is a member below the node, and every non-blank node *between* the two
 * lists it too. (Nodes above need not: they may have been set after the leaf was added.)
 */
export function unmergedLeavesValid(tree: RatchetTree): boolean {
  const listed = tree.map((node) =>
    node?.nodeType === 'parent' ? new Set(node.parent.unmergedLeaves) : undefined,
  );
  const coveredUpTo = (top: number, leaf: number): boolean => {
    const place = 2 * leaf;
    if (!isBelow(place, top) || tree[place] === undefined) return false;
    for (let between = above(place); between !== top; between = above(between)) {
      if (listed[between]?.has(leaf) === false) return false;
    }
    return true;
  };
  return tree.every((node, index) => {
    if (node?.nodeType !== 'parent') return true;
    const { unmergedLeaves } = node.parent;
    const ascending = unmergedLeaves.every(
      (leaf, at) => at === 0 || leaf > (unmergedLeaves[at - 1] as number),
    );
    return ascending && unmergedLeaves.every((leaf) => coveredUpTo(index, leaf));
  });
}
