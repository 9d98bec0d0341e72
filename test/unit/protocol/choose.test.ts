import { describe, expect, test } from 'vitest';
import type { SlotId } from '../../../src/ids.ts';
import { rankKeyPackages } from '../../../src/protocol/choose.ts';
import { keyPackageEventTemplate, type ValidKeyPackage } from '../../../src/protocol/key-package-event.ts';
import { account, at, makePackage, NOW, validPackage } from './samples.ts';

const NEEDS = { extensions: [0x0006, 0xf2d1], proposals: [0x0008, 0x000a], components: [0x8003, 0x8009] };

const publish = (slot: string, ageSec: number, lastResort = false): Promise<ValidKeyPackage> => {
  const made = makePackage({ lastResort });
  const slotId = slot.repeat(64) as SlotId;
  return validPackage(
    account.sign(keyPackageEventTemplate({ ...made, slot: slotId, createdAt: at(NOW - ageSec) })),
  );
};

const [fresh, old, lastResort] = await Promise.all([
  publish('1', 10),
  publish('2', 500),
  publish('3', 0, true),
]);

describe('the package to invite with', () => {
  test('is a standard one before a last-resort one, then the freshest', () => {
    const ranked = rankKeyPackages([lastResort, old, fresh], NEEDS);
    expect(ranked).toEqual([fresh, old, lastResort]);
    expect(rankKeyPackages([lastResort], NEEDS)).toEqual([lastResort]);
    expect(rankKeyPackages([], NEEDS)).toEqual([]);
  });

  test('among those of one moment is the one with the lower ref, whatever order they came in', async () => {
    const pair = await Promise.all([publish('4', 20), publish('5', 20)]);
    const expected = pair.toSorted((a, b) => (a.facts.ref < b.facts.ref ? -1 : 1));
    expect(rankKeyPackages(pair, NEEDS)).toEqual(expected);
    expect(rankKeyPackages(pair.toReversed(), NEEDS)).toEqual(expected);
  });

  test('is not one that a newer event of its slot replaces, even by one of the other kind', async () => {
    const replacement = await publish('2', 5, true);
    expect(rankKeyPackages([old, replacement], NEEDS)).toEqual([replacement]);
  });

  test.each([
    ['an extension', { extensions: [0xf2d2] }],
    ['a proposal', { proposals: [0x0009] }],
    ['a component', { components: [0x8008] }],
  ])('is not one that lacks %s the group needs', (_, needs) => {
    expect(rankKeyPackages([fresh], { ...NEEDS, ...needs })).toEqual([]);
  });
});
