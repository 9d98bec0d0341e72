/**
 * Whether a group of 1,000 members holds up the daemon: how late the event loop is while it is joined, updated
 * and followed, in the worker thread and, for comparison, on the main thread.
 */

import { randomBytes } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createProvider } from '../src/mls/crypto/provider.ts';
import { createCommit } from '../src/mls/group/commit-create.ts';
import { encodeState } from '../src/mls/group/state-codec.ts';
import { createGroupRoom, type GroupRoom } from '../src/mls/room.ts';
import { createGroupWorker } from '../src/mls/worker/host.ts';
import { OPERATIONS } from '../src/mls/worker/operations.ts';
import type { Random } from '../src/ports.ts';
import { systemClock } from '../test/support/clock.ts';
import { createTestGroups } from '../test/support/groups.ts';
import { line, timed } from './figures.ts';

const MEMBERS = 1_000;
/** What `daemon.status` may take at the 99th percentile while a large group is worked on. */
const LATENCY_LIMIT_MS = 50;

const random: Random = { bytes: (length) => new Uint8Array(randomBytes(length)) };

async function foundedGroup() {
  const groups = createTestGroups(random);
  const packages = Array.from({ length: MEMBERS - 1 }, (_, at) => groups.client(at + 1).keyPackage());
  const creator = await groups.create(groups.client(0));
  const add = packages.map(({ message }) => message);
  const { state, welcome } = await createCommit(groups.cs, creator, { add });
  const keyPackage = packages.at(-1);
  if (welcome === undefined || keyPackage === undefined) throw new Error('nobody was added');
  return { founder: encodeState(state), join: { welcome, keyPackage, heldGroups: [] } };
}

const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

/** Prints how long `work` took and how late the event loop was meanwhile. */
async function watched<T>(label: string, work: () => Promise<T>): Promise<T> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  // Lateness is measured from one turn to the next: there is one before the work and one after it.
  await moment();
  let result: T | undefined;
  const sec = await timed(async () => {
    result = await work();
  });
  await moment();
  delay.disable();
  const [p99, max] = [delay.percentile(99) / 1e6, delay.max / 1e6].map(Math.round) as [number, number];
  const verdict = p99 <= LATENCY_LIMIT_MS ? 'ok' : `over ${LATENCY_LIMIT_MS} ms`;
  line(
    label,
    `${Math.round(sec * 1_000)} ms; event loop late by ${p99} ms (p99), ${max} ms (max): ${verdict}`,
  );
  return result as T;
}

/** A newcomer joins and updates its keys, the founder follows. */
async function round(where: string, room: GroupRoom, group: Awaited<ReturnType<typeof foundedGroup>>) {
  const joined = await watched(`${where}: join`, () => room.join(group.join));
  if (joined.kind !== 'joined') throw new Error(joined.detail);
  const update = { state: joined.state, request: {} };
  const created = await watched(`${where}: self-update`, () => room.commit(update));
  if (created.kind !== 'created') throw new Error(created.detail);
  const call = { state: group.founder, message: created.message };
  const followed = await watched(`${where}: follow it`, () => room.process(call));
  if (followed.kind !== 'commit') throw new Error(followed.kind);
}

export async function benchGroups(): Promise<void> {
  const group = await foundedGroup();
  line(`members ${MEMBERS}: Welcome`, `${group.join.welcome.length} bytes`);
  line('state', `${group.founder.length} bytes`);
  const worker = createGroupWorker(systemClock);
  await round('worker', createGroupRoom(random, worker), group);
  await worker.close();
  const cs = createProvider(random);
  const here: GroupRoom = {
    join: (call) => OPERATIONS.join(cs, call),
    process: (call) => OPERATIONS.process(cs, call),
    commit: (call) => OPERATIONS.commit(cs, call),
  };
  await round('main thread', here, group);
}
