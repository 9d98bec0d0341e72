import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unixSeconds } from '../../src/ids.ts';
import { PASSPHRASE, restore } from '../support/backup.ts';
import { type InProcessDaemon, startInProcess } from '../support/in-process.ts';
import { holdLists } from '../support/in-process-setup.ts';
import { refOf, slotOf } from '../support/key-package-events.ts';
import { makeState } from '../support/made-state.ts';
import { createAccount } from '../support/nostr.ts';
import { packagesOn, untilWhole } from '../support/published.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';

let home: string;
let relay: TestRelay;
const running = new Set<InProcessDaemon>();

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'dialogd-'));
  relay = await startRelay();
  holdLists(relay, [relay.url], [relay.url]);
  await makeState(below('state'), createAccount('in process'), unixSeconds(Date.now() / 1_000));
});
afterEach(async () => {
  for (const daemon of running) await stop(daemon);
  await relay.stop();
  await rm(home, { recursive: true, force: true });
});

const below = (name: string): string => join(home, name);

/** On the state directory of that name. */
async function startOn(name: string): Promise<InProcessDaemon> {
  const daemon = await startInProcess({ bootstrap: [relay.url], stateDir: below(name) });
  running.add(daemon);
  return daemon;
}

async function stop(daemon: InProcessDaemon): Promise<void> {
  running.delete(daemon);
  await daemon.stop();
}

/** A daemon with a whole pool in `state`, and a copy of that from before it refreshed it. */
async function copied(): Promise<InProcessDaemon> {
  const daemon = await startOn('state');
  await untilWhole(daemon);
  await stop(daemon);
  await cp(below('state'), below('copy'), { recursive: true });
  return startOn('state');
}

async function refresh(daemon: InProcessDaemon): Promise<void> {
  let done = false;
  void daemon.client.call('keyPackages.refresh', { wait: true }).then((answer) => {
    done = answer.done;
  });
  await daemon.passUntil(() => done, 'every package is replaced');
}

/** Nothing is due any more, after a new look at the relay. */
async function rest(daemon: InProcessDaemon): Promise<void> {
  await daemon.client.call('daemon.wake', {});
  await daemon.passUntil(
    async () => (await daemon.client.call('keyPackages.explain', {})).actions.length === 0,
    'nothing is due',
  );
}

const heldBy = async (daemon: InProcessDaemon) => (await daemon.client.call('keyPackages.list', {})).packages;
const said = (daemon: InProcessDaemon, event: string): number =>
  daemon.log.lines.filter((line) => line.event === event).length;
const idsOnRelay = (): Set<string> => new Set(packagesOn(relay).map(({ id }) => id));

/** Everything on the relay was made by this daemon, is newer than what stood there, and can be opened. */
async function expectReplaced(daemon: InProcessDaemon, before: ReturnType<typeof packagesOn>): Promise<void> {
  const keys = new Map((await heldBy(daemon)).map(({ ref, state }) => [ref as string, state]));
  const now = packagesOn(relay);
  expect(now).toHaveLength(11);
  for (const event of now) {
    expect(keys.get(refOf(event))).toBe('confirmed');
    const former = before.find((each) => slotOf(each) === slotOf(event));
    expect(event.created_at).toBeGreaterThan(former!.created_at);
  }
}

test('a backup taken while the daemon works, restored after the state was lost, becomes a pool of its own', async () => {
  const daemon = await startOn('state');
  await untilWhole(daemon);
  const path = below('backup.age');
  const refreshing = refresh(daemon);
  const written = await daemon.client.call('daemon.backup', { path, passphrase: PASSPHRASE }, 60_000);
  await refreshing;
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(home)).toEqual(['backup.age', 'state']);
  await refresh(daemon);
  const lost = packagesOn(relay);
  await stop(daemon);
  const paths = { configFile: below('config.toml'), stateDir: below('restored'), runtimeDir: below('run') };
  await restore(paths, path);

  const restored = await startOn('restored');
  const inBackup = await heldBy(restored);
  expect(inBackup).toHaveLength(written.counts.privateKeyPackages as number);
  await untilWhole(restored);
  await expectReplaced(restored, lost);
  expect(said(restored, 'restored')).toBe(1);
  expect(said(restored, 'foreign_package')).toBe(1);
  expect(said(restored, 'pool_quarantined')).toBe(0);
  const refs = new Set((await heldBy(restored)).map(({ ref }) => ref));
  for (const { ref } of inBackup) expect(refs).toContain(ref);

  for (let generation = 0; generation < 2; generation++) await refresh(restored);
  await rest(restored);
  const left = new Set((await heldBy(restored)).map(({ ref }) => ref));
  const confirmed = inBackup.filter(({ confirmedAt }) => confirmedAt !== undefined);
  expect(confirmed.length).toBeGreaterThan(0);
  for (const { ref } of confirmed) expect(left).not.toContain(ref);
});

test('an older copy of the state put back replaces the whole pool once, and says so', async () => {
  const daemon = await copied();
  await refresh(daemon);
  const lost = packagesOn(relay);
  await stop(daemon);

  const older = await startOn('copy');
  await older.passUntil(() => said(older, 'pool_quarantined') === 1, 'the other copy is noticed');
  await untilWhole(older);
  await expectReplaced(older, lost);
  await rest(older);
  await expectReplaced(older, lost);
  expect(said(older, 'pool_quarantined')).toBe(1);
});

test('two copies that run replace the pool once each, and then leave each other alone', async () => {
  const one = await copied();
  const other = await startOn('copy');
  await refresh(one);
  await rest(other);
  for (let round = 0; round < 3; round++) for (const daemon of [one, other]) await rest(daemon);
  const standing = idsOnRelay();
  for (let round = 0; round < 3; round++) for (const daemon of [one, other]) await rest(daemon);
  expect(idsOnRelay()).toEqual(standing);
  for (const daemon of [one, other]) expect(said(daemon, 'pool_quarantined')).toBeLessThanOrEqual(1);
  expect(said(one, 'pool_quarantined') + said(other, 'pool_quarantined')).toBeGreaterThan(0);
  const keys = (await Promise.all([one, other].map(heldBy))).flat();
  const refs = new Set<string>(keys.map(({ ref }) => ref));
  for (const event of packagesOn(relay)) expect(refs).toContain(refOf(event));
});
