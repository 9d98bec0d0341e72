/** The ratchet tree as the `ratchet_tree` extension carries it (RFC 9420 section 12.4.3.3). */
import { concatBytes } from '@noble/hashes/utils.js';
import type { ParentNode } from 'ts-mls/parentNode.js';
import { extendRatchetTree, type Node, type RatchetTree, stripBlankNodes } from 'ts-mls/ratchetTree.js';
import { type ByteReader, decodeExactly, uint32, vector } from '../../protocol/bytes.ts';
import { MAX_LEAVES } from '../limits.ts';
import { ensure, Refusal } from '../refusal.ts';
import { leafBytes, readLeaf } from './leaf.ts';

const BLANK = Uint8Array.of(0);
const LEAF = Uint8Array.of(1, 1);
const PARENT = Uint8Array.of(1, 2);

/** Presence octets of `optional<T>` (RFC 9420 section 2.1.1); nothing but 0 and 1 is one. */
export function readPresence(reader: ByteReader): boolean {
  const octet = reader.uint8();
  ensure(octet <= 1, 'malformed', `a presence octet ${octet}`);
  return octet === 1;
}

function readParent(reader: ByteReader): ParentNode {
  return {
    hpkePublicKey: reader.vector(),
    parentHash: reader.vector(),
    unmergedLeaves: reader.list((item) => item.uint32()),
  };
}

export const parentBytes = (parent: ParentNode): Uint8Array =>
  concatBytes(
    vector(parent.hpkePublicKey),
    vector(parent.parentHash),
    vector(...parent.unmergedLeaves.map(uint32)),
  );

function readNode(reader: ByteReader, index: number): Node | undefined {
  if (!readPresence(reader)) return undefined;
  const type = reader.uint8();
  const expected = index % 2 === 0 ? 1 : 2;
  if (type !== expected) throw new Refusal('malformed', `a node of type ${type} at place ${index}`);
  return type === 1
    ? { nodeType: 'leaf', leaf: readLeaf(reader) }
    : { nodeType: 'parent', parent: readParent(reader) };
}

const nodeBytes = (node: Node | undefined): Uint8Array => {
  if (node === undefined) return BLANK;
  return node.nodeType === 'leaf'
    ? concatBytes(LEAF, leafBytes(node.leaf))
    : concatBytes(PARENT, parentBytes(node.parent));
};

/** Trees are immutable; their bytes go into states and Welcomes. */
const encoded = new WeakMap<RatchetTree, Uint8Array>();

export function treeBytes(tree: RatchetTree): Uint8Array {
  const known = encoded.get(tree);
  if (known !== undefined) return known;
  const bytes = vector(...stripBlankNodes(tree).map(nodeBytes));
  encoded.set(tree, bytes);
  return bytes;
}

/** The tree, filled up with blanks to its full width. Refusals: `malformed`, `limit`. */
export function decodeTree(bytes: Uint8Array): RatchetTree {
  const nodes = decodeExactly(bytes, (reader) => {
    let index = 0;
    return reader.list((item) => {
      ensure(index < 2 * MAX_LEAVES - 1, 'limit', `a tree of more than ${MAX_LEAVES} leaves`);
      return readNode(item, index++);
    });
  });
  ensure(nodes.at(-1) !== undefined, 'malformed', 'a tree that ends in a blank node');
  const tree = extendRatchetTree(nodes);
  encoded.set(tree, bytes);
  return tree;
}
