import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { RelayUrl } from '../../src/ids.ts';
import { type InProcessDaemon, startInProcess } from '../support/in-process.ts';
import { documentedEvents } from '../support/journal-docs.ts';
import { createAccount } from '../support/nostr.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';

/** What a day may write at most at the level `info`. */
const MAX_LINES = 200;
const DAY_SEC = 86_400;
const HOUR_SEC = 3_600;
/** Time passes quickly while nothing happens, and slowly after a line was written: work is under way then. */
const QUICK_STEP_SEC = 10;
const SLOW_STEPS = 60;
/** Turns of the event loop in which an answer on a loopback socket has come. */
const TURNS = 10;
/** How often a call has to be answered before time goes on, so that the engine and its disk keep up. */
const STEPS_PER_CALL = 12;

const toStop: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of toStop.splice(0).reverse()) await each.stop();
});

async function relays(count: number): Promise<TestRelay[]> {
  const started = await Promise.all(Array.from({ length: count }, () => startRelay()));
  toStop.push(...started);
  return started;
}

/** A daemon on its fourth day: the pool is full, old generations wait to be erased, and nothing else is under way. */
async function daemonOf(held: readonly TestRelay[]): Promise<InProcessDaemon> {
  const urls = held.map(({ url }) => url);
  const account = createAccount('in process');
  const created_at = Math.floor(Date.now() / 1_000) - 60;
  for (const { repository } of held) {
    repository.store(account.sign({ kind: 10002, created_at, tags: urls.map((url) => ['r', url]) }));
    repository.store(account.sign({ kind: 10050, created_at, tags: urls.map((url) => ['relay', url]) }));
  }
  const daemon = await startInProcess({ bootstrap: urls as RelayUrl[] });
  toStop.push(daemon);
  const healthy = async () => (await daemon.client.call('daemon.status', {})).health.state === 'healthy';
  await daemon.passUntil(healthy, 'the pool is full');
  for (let generation = 2; generation <= 3; generation++) {
    await daemon.client.call('keyPackages.refresh', {});
    await daemon.passUntil(
      async () =>
        (await daemon.client.call('keyPackages.list', {})).packages.filter(
          (each) => each.generation === generation && each.state === 'confirmed',
        ).length === 11,
      `generation ${generation} is confirmed`,
    );
  }
  await written(daemon, HOUR_SEC);
  return daemon;
}

/** What is written from now on, until so many seconds have passed. */
async function written(daemon: InProcessDaemon, sec: number) {
  const { clock, log, client } = daemon;
  const start = log.lines.length;
  const aboveDebug = () => log.lines.slice(start).filter(({ level }) => level !== 'debug');
  const end = clock.now() + sec;
  let steps = 0;
  let seen = 0;
  let slow = SLOW_STEPS;
  while (clock.now() < end) {
    const works = aboveDebug().filter(({ event }) => event !== 'relay_disconnected').length;
    if (works !== seen) slow = SLOW_STEPS;
    seen = works;
    clock.advance(slow > 0 ? 1 : QUICK_STEP_SEC);
    if (slow > 0) await delay(5);
    else for (let turns = 0; turns < TURNS; turns++) await turn();
    slow = Math.max(0, slow - 1);
    steps += 1;
    if (steps % STEPS_PER_CALL === 0) await client.call('daemon.status', {});
  }
  return aboveDebug();
}

/** How often each event was written. */
function counted(lines: readonly { event: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { event } of lines) counts[event] = (counts[event] ?? 0) + 1;
  return counts;
}

describe('a day with three relays, in which the pool is refreshed', () => {
  test('is a handful of lines', async () => {
    const daemon = await daemonOf(await relays(3));
    const lines = await written(daemon, DAY_SEC);
    const { key_packages_erased: erasures, ...others } = counted(lines);
    expect(others).toEqual({ key_packages_staged: 1, events_accepted: 3 });
    // The last relay may take the new packages a pass after the others.
    expect(erasures).toBeLessThanOrEqual(2);
  }, 120_000);

  test('one of which is down all the time, is a few more: one for every hour', async () => {
    const [first, second, third] = (await relays(3)) as [TestRelay, TestRelay, TestRelay];
    const daemon = await daemonOf([first, second, third]);
    await third.stop();
    const lines = await written(daemon, DAY_SEC);
    const { relay_disconnected: down } = counted(lines);
    expect(down).toBeGreaterThanOrEqual(24);
    expect(lines.length).toBeLessThanOrEqual(MAX_LINES);
    const repeated = lines.map(({ fields }) => fields.repeated).filter((times) => times !== undefined);
    expect(repeated.length).toBeGreaterThanOrEqual(23);
    expectDocumented(daemon);
  }, 120_000);
});

/** Whatever the daemon wrote, details included, has only fields that docs/journal.md names. */
function expectDocumented({ log }: InProcessDaemon): void {
  const documented = new Map(documentedEvents().map(({ name, fields }) => [name, fields]));
  const strangers = log.lines.flatMap(({ event, fields }) =>
    Object.entries(fields)
      .filter(
        ([name, value]) =>
          value !== undefined && ![...(documented.get(event) ?? []), 'repeated', 'since'].includes(name),
      )
      .map(([name]) => `${event}: ${name}`),
  );
  expect([...new Set(strangers)]).toEqual([]);
}
