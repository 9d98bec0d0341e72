/** Facts of a real group that is in order, for tests that put one thing out of order. */
import type { GroupFacts, MemberFacts } from '../../../src/groups/group-facts.ts';
import { groupFacts } from '../../../src/mls/group/facts.ts';
import type { ComponentData } from '../../../src/protocol/app-data-dictionary.ts';
import { decodeDictionary, encodeDictionary } from '../../../src/protocol/app-data-dictionary.ts';
import { EXTENSION } from '../../../src/protocol/kinds.ts';
import { createTestGroups } from '../../support/groups.ts';
import { createSeededRandom } from '../../support/random.ts';

const groups = createTestGroups(createSeededRandom('group rules'));

/** Leaf 0, the one admin. */
export const admin = groups.client('admin');
/** Leaf 1. */
export const ours = groups.client('ours');

/** A group of three. */
export async function soundGroup(): Promise<GroupFacts> {
  const [, joined] = await groups.found(admin, [ours, groups.client('other')]);
  if (joined === undefined) throw new Error('nobody joined');
  return groupFacts(joined);
}

/** The dictionary of the group with its entries changed. */
function withComponents(
  facts: GroupFacts,
  change: (entries: readonly ComponentData[]) => readonly ComponentData[],
): GroupFacts {
  const extensions = facts.extensions.map((extension) =>
    extension.type === EXTENSION.appDataDictionary
      ? { ...extension, data: encodeDictionary(change(decodeDictionary(extension.data))) }
      : extension,
  );
  return { ...facts, extensions };
}

/** One component replaced, or taken out. */
export const withComponent = (facts: GroupFacts, id: number, data: Uint8Array | undefined): GroupFacts =>
  withComponents(facts, (entries) => {
    const others = entries.filter((entry) => entry.id !== id);
    const changed = data === undefined ? others : [...others, { id, data }];
    return changed.toSorted((a, b) => a.id - b.id);
  });

export const withMember = (facts: GroupFacts, leaf: number, change: Partial<MemberFacts>): GroupFacts => ({
  ...facts,
  members: facts.members.map((member) => (member.leafIndex === leaf ? { ...member, ...change } : member)),
});
