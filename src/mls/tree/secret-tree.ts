/**
 * The secret tree (RFC 9420 section 9) for application messages. It is unfolded only along the paths of those
 * who write: the library's derives two ratchets for every node of a group of 1,000 in every epoch, and keeps
 * them. A secret that was expanded or used is not in the next value (section 9.2).
 */
import type { CiphersuiteImpl } from 'ts-mls';
import { deriveTreeSecret, expandWithLabel } from 'ts-mls/crypto/kdf.js';
import { leafToNodeIndex, left, nodeWidth, right, root, toLeafIndex, toNodeIndex } from 'ts-mls/treemath.js';
import { MAX_FORWARD_GENERATIONS, OUT_OF_ORDER_TOLERANCE } from '../limits.ts';
import { ensure } from '../refusal.ts';
import { isBelow } from './parent-hash.ts';

export interface MessageKey {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

/** The application ratchet of one sender. */
export interface Ratchet {
  readonly secret: Uint8Array;
  /** The generation that `secret` makes the key of. */
  readonly generation: number;
  /** Keys of earlier generations that were not used yet. */
  readonly skipped: ReadonlyMap<number, MessageKey>;
}

export interface SecretTree {
  readonly leaves: number;
  /** Tree secrets by node index: those of the subtrees in which nobody has written. */
  readonly secrets: ReadonlyMap<number, Uint8Array>;
  readonly ratchets: ReadonlyMap<number, Ratchet>;
}

type Step = { readonly tree: SecretTree; readonly generation: number; readonly messageKey: MessageKey };

export const createSecretTree = (leaves: number, encryptionSecret: Uint8Array): SecretTree => ({
  leaves,
  secrets: new Map([[root(leaves), encryptionSecret]]),
  ratchets: new Map(),
});

const LEFT = new TextEncoder().encode('left');
const RIGHT = new TextEncoder().encode('right');
const NO_CONTEXT = new Uint8Array(0);

/** The tree with the ratchet of `leaf` in it. */
async function unfold(tree: SecretTree, leaf: number, cs: CiphersuiteImpl): Promise<SecretTree> {
  if (tree.ratchets.has(leaf)) return tree;
  const target = leafToNodeIndex(toLeafIndex(leaf));
  const secrets = new Map(tree.secrets);
  const start = [...secrets.keys()].find((node) => isBelow(target, node));
  ensure(
    start !== undefined && target < nodeWidth(tree.leaves),
    'invalid',
    `a sender ${leaf} outside the tree`,
  );
  let node: number = start;
  const expand = (label: string, context: Uint8Array) =>
    expandWithLabel(secrets.get(node) as Uint8Array, label, context, cs.kdf.size, cs.kdf);
  while (node !== target) {
    const [l, r] = [left(toNodeIndex(node)), right(toNodeIndex(node))];
    secrets.set(l, await expand('tree', LEFT)).set(r, await expand('tree', RIGHT));
    secrets.delete(node);
    node = target < node ? l : r;
  }
  const secret = await expand('application', NO_CONTEXT);
  secrets.delete(target);
  const ratchet: Ratchet = { secret, generation: 0, skipped: new Map() };
  return { ...tree, secrets, ratchets: new Map(tree.ratchets).set(leaf, ratchet) };
}

async function keyAt({ secret, generation }: Ratchet, cs: CiphersuiteImpl): Promise<MessageKey> {
  return {
    key: await deriveTreeSecret(secret, 'key', generation, cs.hpke.keyLength, cs.kdf),
    nonce: await deriveTreeSecret(secret, 'nonce', generation, cs.hpke.nonceLength, cs.kdf),
  };
}

async function advance(ratchet: Ratchet, cs: CiphersuiteImpl): Promise<Ratchet> {
  const { secret, generation } = ratchet;
  const next = await deriveTreeSecret(secret, 'secret', generation, cs.kdf.size, cs.kdf);
  return { ...ratchet, secret: next, generation: generation + 1 };
}

const withRatchet = (tree: SecretTree, leaf: number, ratchet: Ratchet): SecretTree => ({
  ...tree,
  ratchets: new Map(tree.ratchets).set(leaf, ratchet),
});

/** The key for the next message of `leaf`. */
export async function nextKey(tree: SecretTree, leaf: number, cs: CiphersuiteImpl): Promise<Step> {
  const unfolded = await unfold(tree, leaf, cs);
  const ratchet = unfolded.ratchets.get(leaf) as Ratchet;
  const messageKey = await keyAt(ratchet, cs);
  const generation = ratchet.generation;
  return { tree: withRatchet(unfolded, leaf, await advance(ratchet, cs)), generation, messageKey };
}

/** The key of one message that `leaf` sent, early or late. Refusals: `replayed`, `too_far_ahead`. */
export async function keyOf(
  tree: SecretTree,
  leaf: number,
  generation: number,
  cs: CiphersuiteImpl,
): Promise<Step> {
  const unfolded = await unfold(tree, leaf, cs);
  let ratchet = unfolded.ratchets.get(leaf) as Ratchet;
  const ahead = generation - ratchet.generation;
  ensure(ahead <= MAX_FORWARD_GENERATIONS, 'too_far_ahead', `${ahead} generations ahead`);
  const skipped = new Map(ratchet.skipped);
  while (ratchet.generation <= generation) {
    // Generations outside the tolerance are passed over without ever making their keys.
    if (generation - ratchet.generation <= OUT_OF_ORDER_TOLERANCE) {
      skipped.set(ratchet.generation, await keyAt(ratchet, cs));
    }
    ratchet = await advance(ratchet, cs);
  }
  const messageKey = skipped.get(generation);
  ensure(messageKey !== undefined, 'replayed', `the key of generation ${generation} is spent`);
  skipped.delete(generation);
  for (const old of skipped.keys()) {
    if (old < ratchet.generation - OUT_OF_ORDER_TOLERANCE) skipped.delete(old);
  }
  return { tree: withRatchet(unfolded, leaf, { ...ratchet, skipped }), generation, messageKey };
}

/** Every secret in `tree`. */
export const secretTreeSecrets = ({ secrets, ratchets }: SecretTree): Uint8Array[] => [
  ...secrets.values(),
  ...[...ratchets.values()].flatMap(({ secret, skipped }) => [
    secret,
    ...[...skipped.values()].flatMap(({ key, nonce }) => [key, nonce]),
  ]),
];
