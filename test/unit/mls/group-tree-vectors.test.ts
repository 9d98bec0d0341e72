/** The MLS working group's vectors for ratchet trees (test/vectors/README.md) through our own functions. */
import type { GroupContext } from 'ts-mls/groupContext.js';
import {
  addLeafNode,
  type RatchetTree,
  removeLeafNode,
  resolution,
  updateLeafNode,
} from 'ts-mls/ratchetTree.js';
import { toLeafIndex, toNodeIndex } from 'ts-mls/treemath.js';
import { describe, expect, test } from 'vitest';
import { createProvider } from '../../../src/mls/crypto/provider.ts';
import { readPath } from '../../../src/mls/messages/commit.ts';
import { readProposal } from '../../../src/mls/messages/proposal.ts';
import { decodeTree, treeBytes } from '../../../src/mls/tree/codec.ts';
import { rootHash, treeHashes } from '../../../src/mls/tree/hash.ts';
import { leafSignatureValid } from '../../../src/mls/tree/leaf.ts';
import { parentHashesValid, unmergedLeavesValid } from '../../../src/mls/tree/parent-hash.ts';
import { createPath, followPath, pathKeys } from '../../../src/mls/tree/path.ts';
import { leavesOf } from '../../../src/mls/tree/rules.ts';
import { decodeExactly } from '../../../src/protocol/bytes.ts';
import { createSeededRandom } from '../../support/random.ts';
import { fromHex, toHex, vectors } from './samples.ts';

const cs = createProvider(createSeededRandom('trees'));
const numbered = <T>(name: string) =>
  vectors<T[]>(`mlswg/${name}.json`).map((vector, at) => [at, vector] as const);

interface ValidationVector {
  tree: string;
  group_id: string;
  tree_hashes: string[];
  resolutions: number[][];
}

describe('tree-validation', () => {
  test.each(numbered<ValidationVector>('tree-validation'))('tree %i is valid in every part', (_, vector) => {
    const tree = decodeTree(fromHex(vector.tree));
    expect(toHex(treeBytes(tree.slice()))).toBe(vector.tree);
    expect(treeHashes(tree).map(toHex)).toEqual(vector.tree_hashes);
    expect(tree.map((_, node) => resolution(tree, toNodeIndex(node)))).toEqual(vector.resolutions);
    expect(parentHashesValid(tree)).toBe(true);
    expect(unmergedLeavesValid(tree)).toBe(true);
    const groupId = fromHex(vector.group_id);
    expect(leavesOf(tree).every(({ leaf, leafIndex }) => leafSignatureValid(leaf, groupId, leafIndex))).toBe(
      true,
    );
  });

  test.each(numbered<ValidationVector>('tree-validation'))(
    'tree %i with any parent changed is not',
    (_, vector) => {
      const tree = decodeTree(fromHex(vector.tree));
      for (const [at, node] of tree.entries()) {
        if (node?.nodeType !== 'parent') continue;
        const { parent } = node;
        const hpkePublicKey = parent.hpkePublicKey.with(0, (parent.hpkePublicKey[0] as number) ^ 1);
        const otherKey = tree.with(at, { nodeType: 'parent', parent: { ...parent, hpkePublicKey } });
        expect(parentHashesValid(otherKey)).toBe(false);
        if (parent.unmergedLeaves.length === 0) continue;
        const forgotten = tree.with(at, { nodeType: 'parent', parent: { ...parent, unmergedLeaves: [] } });
        expect(parentHashesValid(forgotten)).toBe(false);
      }
    },
  );
});

interface OperationVector {
  tree_before: string;
  proposal: string;
  proposal_sender: number;
  tree_after: string;
  tree_hash_before: string;
  tree_hash_after: string;
}

function applied(tree: RatchetTree, vector: OperationVector): RatchetTree {
  const proposal = decodeExactly(fromHex(vector.proposal), readProposal);
  switch (proposal.type) {
    case 'add':
      return addLeafNode(tree, proposal.keyPackage.leafNode)[0];
    case 'update':
      return updateLeafNode(tree, proposal.leaf, toLeafIndex(vector.proposal_sender));
    case 'remove':
      return removeLeafNode(tree, toLeafIndex(proposal.removed));
    default:
      throw new Error(proposal.type);
  }
}

describe('tree-operations', () => {
  test.each(numbered<OperationVector>('tree-operations'))(
    'operation %i leads to the same tree',
    (_, vector) => {
      const before = decodeTree(fromHex(vector.tree_before));
      expect(toHex(rootHash(before))).toBe(vector.tree_hash_before);
      const after = applied(before, vector);
      expect(toHex(treeBytes(after))).toBe(vector.tree_after);
      expect(toHex(rootHash(after, before))).toBe(vector.tree_hash_after);
    },
  );
});

interface TreeKemVector {
  group_id: string;
  epoch: number;
  confirmed_transcript_hash: string;
  ratchet_tree: string;
  leaves_private: {
    index: number;
    encryption_priv: string;
    signature_priv: string;
    path_secrets: { node: number; path_secret: string }[];
  }[];
  update_paths: {
    sender: number;
    update_path: string;
    commit_secret: string;
    path_secrets: (string | null)[];
    tree_hash_after: string;
  }[];
}
type PrivateLeaf = TreeKemVector['leaves_private'][number];

async function privateKeys({ index, encryption_priv, path_secrets }: PrivateLeaf) {
  const keys: Record<number, Uint8Array> = { [2 * index]: fromHex(encryption_priv) };
  for (const { node, path_secret } of path_secrets) {
    Object.assign(keys, (await pathKeys(fromHex(path_secret), [node], cs)).privateKeys);
  }
  return { leafIndex: index, privateKeys: keys };
}

const contextOf = (vector: TreeKemVector): GroupContext => ({
  version: 'mls10',
  cipherSuite: cs.name,
  groupId: fromHex(vector.group_id),
  epoch: BigInt(vector.epoch),
  treeHash: new Uint8Array(0),
  confirmedTranscriptHash: fromHex(vector.confirmed_transcript_hash),
  extensions: [],
});

describe('treekem', () => {
  test.each(numbered<TreeKemVector>('treekem'))(
    'every path of tree %i is followed by every other leaf',
    async (_, vector) => {
      const tree = decodeTree(fromHex(vector.ratchet_tree));
      const provisional = contextOf(vector);
      for (const { sender, update_path, commit_secret, tree_hash_after } of vector.update_paths) {
        const path = decodeExactly(fromHex(update_path), readPath);
        for (const leaf of vector.leaves_private.filter(({ index }) => index !== sender)) {
          const request = { tree, sender, provisional, newLeaves: [] };
          const outcome = await followPath(request, path, await privateKeys(leaf), cs);
          expect(toHex(outcome.commitSecret)).toBe(commit_secret);
          expect(toHex(outcome.treeHash)).toBe(tree_hash_after);
        }
      }
    },
  );

  test.each(numbered<TreeKemVector>('treekem'))(
    'a path that we make in tree %i is followed by all others',
    async (_, vector) => {
      const tree = decodeTree(fromHex(vector.ratchet_tree));
      const [own, ...others] = vector.leaves_private as [PrivateLeaf, ...PrivateLeaf[]];
      const request = { tree, sender: own.index, provisional: contextOf(vector), newLeaves: [] };
      const made = await createPath(request, fromHex(own.signature_priv), cs);
      for (const leaf of others) {
        const outcome = await followPath(request, made.path, await privateKeys(leaf), cs);
        expect(outcome.commitSecret).toEqual(made.commitSecret);
        expect(outcome.treeHash).toEqual(made.treeHash);
      }
    },
  );
});
