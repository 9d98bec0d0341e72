import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createCommit } from '../../../src/mls/group/commit-create.ts';
import { encodeState } from '../../../src/mls/group/state-codec.ts';
import { createGroupRoom, MAIN_THREAD_BYTES } from '../../../src/mls/room.ts';
import { createGroupWorker } from '../../../src/mls/worker/host.ts';
import { createManualClock, systemClock } from '../../support/clock.ts';
import { createTestGroups } from '../../support/groups.ts';
import { createSeededRandom } from '../../support/random.ts';

const random = createSeededRandom('worker');
const groups = createTestGroups(random);
const worker = createGroupWorker(systemClock);
const room = createGroupRoom(random, worker);
afterEach(() => worker.close());

/** Enough for the work to leave the main thread. */
const MEMBERS = 100;

/** A group with so many members, and a Welcome to it for the last. */
async function foundedGroup(members: number) {
  const packages = Array.from({ length: members - 1 }, (_, at) => groups.client(at + 1).keyPackage());
  const creator = await groups.create(groups.client(0));
  const commit = await createCommit(groups.cs, creator, { add: packages.map(({ message }) => message) });
  const keyPackage = packages.at(-1);
  if (keyPackage === undefined || commit.welcome === undefined) throw new Error('nobody was added');
  return {
    creator: encodeState(commit.state),
    join: { welcome: commit.welcome, keyPackage, heldGroups: [] },
  };
}

/** How often the event loop turned while `work` was done. */
async function turnsDuring<T>(work: Promise<T>): Promise<{ result: T; turns: number }> {
  let turns = 0;
  let done = false;
  const turn = (): void => {
    turns++;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  const result = await work;
  done = true;
  return { result, turns };
}

describe('a large group', () => {
  let large: Awaited<ReturnType<typeof foundedGroup>>;
  beforeAll(async () => {
    large = await foundedGroup(MEMBERS);
  });

  test('is joined, updated and followed in the worker, while the event loop goes on', async () => {
    const { creator, join } = large;
    expect(join.welcome.length).toBeGreaterThan(MAIN_THREAD_BYTES);
    const { result: joined, turns } = await turnsDuring(room.join(join));
    if (joined.kind !== 'joined') throw new Error(joined.detail);
    expect(joined.facts.members).toHaveLength(MEMBERS);
    expect(joined.signer).toBe(0);
    expect(turns).toBeGreaterThan(10);

    const updated = await turnsDuring(room.commit({ state: joined.state, request: {} }));
    if (updated.result.kind !== 'created') throw new Error(updated.result.detail);
    expect(updated.turns).toBeGreaterThan(10);
    const followed = await turnsDuring(room.process({ state: creator, message: updated.result.message }));
    expect(followed.result).toMatchObject({
      kind: 'commit',
      change: { committer: MEMBERS - 1, proposals: [] },
    });
    expect(followed.turns).toBeGreaterThan(10);
    expect(worker.started).toBe(true);
  });

  test('that refuses a message answers with the reason', async () => {
    expect(await room.process({ state: large.creator, message: Uint8Array.of(0, 1) })).toMatchObject({
      kind: 'refused',
      reason: 'malformed',
    });
  });
});

test('a small group never starts a thread', async () => {
  const idle = createGroupWorker(systemClock);
  const here = createGroupRoom(random, idle);
  const { join } = await foundedGroup(5);
  const { result } = await turnsDuring(here.join(join));
  expect(result.kind).toBe('joined');
  expect(idle.started).toBe(false);
});

test('a call that takes too long ends with an error, and the next one has a new thread', async () => {
  const clock = createManualClock();
  const impatient = createGroupWorker(clock);
  const { join } = await foundedGroup(3);
  const slow = impatient.call('join', join);
  clock.advance(31);
  await expect(slow).rejects.toMatchObject({ code: 'internal' });
  expect(await impatient.call('join', join)).toMatchObject({ kind: 'joined' });
  expect(clock.pending()).toBe(0);
  await impatient.close();
});

test('more calls than fit are refused as busy, and closing ends those that wait', async () => {
  const full = createGroupWorker({ after: () => () => {} });
  const call = { state: new Uint8Array(0), message: new Uint8Array(0) };
  const calls = Array.from({ length: 65 }, () => full.call('process', call).catch((error) => error));
  expect(await calls.at(-1)).toMatchObject({ code: 'busy', retryAfterSec: 5 });
  await full.close();
  expect(await calls[0]).toMatchObject({ code: 'internal' });
});
