/**
 * Random schedules of everything a group does. The seed is in the name of each test;
 * GROUPS_SEED=n runs others, GROUPS_RUNS=n more of them.
 */
import { describe, expect, test } from 'vitest';
import { createProvider } from '../../src/mls/crypto/provider.ts';
import { createCommit } from '../../src/mls/group/commit-create.ts';
import { processMessage } from '../../src/mls/group/process.ts';
import { sealApplication } from '../../src/mls/messages/private-message.ts';
import { createGroupWorld, currentState, type GroupWorld, type WorldMember } from '../support/group-world.ts';
import { authenticator } from '../support/groups.ts';
import { createSeededRandom } from '../support/random.ts';

const firstSeed = Number(process.env.GROUPS_SEED ?? 1);
const runs = Number(process.env.GROUPS_RUNS ?? 1);
const seeds = (count: number): number[] => Array.from({ length: count * runs }, (_, at) => firstSeed + at);
const cs = createProvider(createSeededRandom('after the schedule'));

/** Who is in the group agrees on it. */
function expectAgreement({ members }: GroupWorld): WorldMember[] {
  const present = members.filter(({ removed }) => !removed);
  expect(new Set(present.map((member) => authenticator(currentState(member)))).size).toBe(1);
  for (const { inbox } of present) expect(inbox).toEqual([]);
  return present;
}

/** Every text that reached a member was read there once, and none twice. */
function expectTexts({ members, texts }: GroupWorld): void {
  for (const { name, read, removed } of members) {
    expect(new Set(read).size).toBe(read.length);
    const reached = texts.filter(({ delivered }) => delivered.has(name)).map(({ text }) => text);
    if (!removed) expect([...read].sort()).toEqual(reached.sort());
  }
}

/** What is sent from now on is closed to everyone who was removed, whatever states they kept. */
async function expectRemovedLockedOut(
  { members }: GroupWorld,
  present: readonly WorldMember[],
): Promise<void> {
  const { state, message: commit } = await createCommit(cs, currentState(present[0] as WorldMember), {});
  const { message } = await sealApplication(cs, state, Uint8Array.of(1));
  for (const { states } of members.filter(({ removed }) => removed)) {
    for (const old of states) {
      for (const later of [commit, message]) {
        expect(await processMessage(cs, old, later)).toMatchObject({
          kind: 'refused',
          reason: 'wrong_epoch',
        });
        const forged = {
          ...old,
          context: { ...old.context, epoch: currentState(present[0] as WorldMember).context.epoch },
        };
        expect(await processMessage(cs, forged, commit)).toMatchObject({
          kind: 'refused',
          reason: 'unauthentic',
        });
      }
    }
  }
}

describe.each([
  [2, 24, seeds(3)],
  [3, 24, seeds(3)],
  [30, 9, seeds(1)],
])('a group of %i, %i steps', (size, steps, list) => {
  test.each(list)('seed %i: all who should agree do, and the removed read nothing more', async (seed) => {
    const world = await createGroupWorld(createSeededRandom(`${size}:${seed}`), size);
    for (let step = 0; step < steps; step++) await world.step();
    await world.settle();
    const present = expectAgreement(world);
    expectTexts(world);
    await expectRemovedLockedOut(world, present);
  });
});
