/** What the proposals of one commit do to the tree and the GroupContext (RFC 9420 section 12.3). */
import type { Extension, KeyPackage } from 'ts-mls';
import { extensionTypeToNumber } from 'ts-mls/extension.js';
import type { GroupContext } from 'ts-mls/groupContext.js';
import { addLeafNode, type RatchetTree, removeLeafNode, updateLeafNode } from 'ts-mls/ratchetTree.js';
import { toLeafIndex } from 'ts-mls/treemath.js';
import { type ComponentData, encodeDictionary } from '../../protocol/app-data-dictionary.ts';
import { EXTENSION } from '../../protocol/kinds.ts';
import { constantTimeEqual } from '../crypto/symmetric.ts';
import { MAX_LEAVES } from '../limits.ts';
import { componentsOf } from '../messages/extensions.ts';
import { type AppDataUpdate, ofType } from '../messages/proposal.ts';
import { ensure } from '../refusal.ts';
import { leafOf } from '../tree/path.ts';
import { checkLeafSignature, checkMembership, leafRules, leavesOf } from '../tree/rules.ts';
import { checkKeyPackage } from './proposal-add.ts';
import type { SentProposal } from './proposal-list.ts';

export interface Applied {
  readonly tree: RatchetTree;
  /** The old GroupContext with the new extensions. */
  readonly context: GroupContext;
  readonly added: readonly { readonly leafIndex: number; readonly keyPackage: KeyPackage }[];
}

/** Refusals: `invalid`, `unauthentic`, `limit`. The list has passed `checkProposalList`. */
export function applyProposals(
  proposals: readonly SentProposal[],
  before: RatchetTree,
  oldContext: GroupContext,
): Applied {
  const context = { ...oldContext, extensions: nextExtensions(proposals, oldContext.extensions) };
  const checkLeaf = leafRules(context);
  let tree = before;
  for (const { proposal, sender } of proposals) {
    if (proposal.type !== 'update') continue;
    const { leaf } = proposal;
    const old = leafOf(before, sender);
    ensure(
      !constantTimeEqual(old.hpkePublicKey, leaf.hpkePublicKey),
      'invalid',
      'an Update without a new key',
    );
    checkLeafSignature(leaf, context.groupId, sender);
    checkLeaf(leaf);
    tree = updateLeafNode(tree, leaf, toLeafIndex(sender));
  }
  for (const { proposal, sender } of proposals) {
    if (proposal.type !== 'remove' && proposal.type !== 'self_remove') continue;
    const removed = proposal.type === 'remove' ? proposal.removed : sender;
    leafOf(before, removed);
    tree = removeLeafNode(tree, toLeafIndex(removed));
  }
  const added = [];
  for (const { proposal } of proposals) {
    if (proposal.type !== 'add') continue;
    checkKeyPackage(proposal.keyPackage, context);
    checkLeaf(proposal.keyPackage.leafNode);
    const [wider, node] = addLeafNode(tree, proposal.keyPackage.leafNode);
    ensure((wider.length + 1) / 2 <= MAX_LEAVES, 'limit', `a tree of more than ${MAX_LEAVES} leaves`);
    tree = wider;
    added.push({ leafIndex: node / 2, keyPackage: proposal.keyPackage });
  }
  // New requirements bind those who are there already (section 12.1.7).
  if (context.extensions !== oldContext.extensions) for (const { leaf } of leavesOf(tree)) checkLeaf(leaf);
  checkMembership(tree);
  return { tree, context, added };
}

/** Extensions are replaced first, components updated after all proposals of RFC 9420. */
function nextExtensions(proposals: readonly SentProposal[], old: Extension[]): Extension[] {
  const sent = proposals.map(({ proposal }) => proposal);
  const replaced = ofType(sent, 'group_context_extensions')[0]?.extensions ?? old;
  const updates = ofType(sent, 'app_data_update');
  return updates.length === 0 ? replaced : withComponents(replaced, updates);
}

/** An update replaces the component's bytes. The dictionary moves to the end: the order is hashed. */
function withComponents(extensions: Extension[], updates: readonly AppDataUpdate[]): Extension[] {
  const components = componentsOf(extensions);
  ensure(components !== undefined, 'invalid', 'an app_data_update in a group without components');
  const byId = new Map(components.map(({ id, data }) => [id, data]));
  for (const { componentId, update } of updates) {
    // Removing what is not there changes nothing, as in the reference implementation.
    if (update === undefined) byId.delete(componentId);
    else byId.set(componentId, update);
  }
  const entries = [...byId].map(([id, data]): ComponentData => ({ id, data })).sort((a, b) => a.id - b.id);
  const type = EXTENSION.appDataDictionary;
  const others = extensions.filter(({ extensionType }) => extensionTypeToNumber(extensionType) !== type);
  return [...others, { extensionType: type, extensionData: encodeDictionary(entries) }];
}
