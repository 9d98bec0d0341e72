import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oneAtATime, type WrittenBackup } from '../../../src/backup/write.ts';
import { decryptWithPassphrase } from '../../../src/identity/age-file.ts';
import type { EventId, RelayUrl, SlotId } from '../../../src/ids.ts';
import type { Paths } from '../../../src/paths.ts';
import type { Store } from '../../../src/ports.ts';
import type { NostrEvent } from '../../../src/records.ts';
import { openStateDirectory } from '../../../src/store/state-directory.ts';
import { backUp, clock, everything, PASSPHRASE, restore, withState } from '../../support/backup.ts';
import { makeState } from '../../support/made-state.ts';
import { createAccount } from '../../support/nostr.ts';
import { noticeOf, privatePackageOf } from '../../support/state.ts';
import { packageOf } from '../../support/world.ts';

const account = createAccount('backed up');
const CONFIG = '[key_packages]\nstandard = 3\n';
/** More than are read or written at a time. */
const MANY = 150;

let home: string;
let source: Paths;
let file: string;
let written: WrittenBackup;

const pathsBelow = (name: string): Paths => ({
  configFile: join(home, name, 'config', 'config.toml'),
  stateDir: join(home, name, 'state'),
  runtimeDir: join(home, name, 'run'),
});

/** Something in every table, and more than one page of it. */
const fill = (store: Store): Promise<void> =>
  store.update('receive', async (tx) => {
    const event = account.sign({ kind: 10002, content: '"quoted"\n' });
    for (let n = 1; n <= MANY; n++) {
      const { record, entry } = packageOf(`slot ${n}`, n);
      tx.slots.put(record.slot, { slot: record.slot, kind: 'standard', lastCreatedAt: record.createdAt });
      tx.keyPackages.put(record.ref, record);
      tx.outbox.put(record.eventId, entry);
      tx.privateKeyPackages.put(record.ref, { ...privatePackageOf(record.ref), ref: record.ref });
      tx.tombstones.put(record.ref, { ...record, state: 'deleted' });
      tx.notices.put(n, noticeOf(n));
    }
    const relay = 'wss://a.example' as RelayUrl;
    const wrap: NostrEvent = { ...event, content: 'x'.repeat(300_000) };
    for (const id of ['f1', 'f2'] as EventId[]) {
      tx.wraps.put(id, { id, receivedAt: clock.now(), relay, bytes: 300_400, event: { ...wrap, id } });
    }
    tx.seen.put('f3' as EventId, { id: 'f3' as EventId, kind: 'other', broughtAt: clock.now() });
    const invitation = { sender: account.publicKey, receivedAt: clock.now(), relay, rumor: '{}' };
    tx.invitations.put('f4' as EventId, { id: 'f4' as EventId, ...invitation });
    tx.senders.put('all', { sender: 'all', counts: { other: 1 }, lastAt: clock.now() });
    tx.relayLists.put('10002', { kind: 10002, event, learnedAt: clock.now() });
    tx.cursors.put(relay, { relay, readAt: clock.now(), fullReadAt: clock.now() });
    tx.meta.put('meta', { account: account.publicKey, generation: 7, refreshBelow: 3 });
  });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'dialogd-'));
  source = pathsBelow('source');
  await makeState(source.stateDir, account, clock.now(), { fill });
  await mkdir(join(home, 'source', 'config'));
  await writeFile(source.configFile, CONFIG);
  file = join(home, 'backup.age');
  written = await backUp(source, file);
});
afterAll(() => rm(home, { recursive: true, force: true }));

const filesOf = async (paths: Paths): Promise<string[]> =>
  (await readdir(paths.stateDir).catch(() => [])).filter((name) => name !== 'lock');

describe('a backup', () => {
  test('is private, tells what it holds, and shows none of it', async () => {
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(written).toMatchObject({ path: file, account: account.publicKey, backupAt: clock.now() });
    expect(written.counts).toEqual({
      ...{ slots: MANY, keyPackages: MANY, tombstones: MANY, privateKeyPackages: MANY, outbox: MANY },
      ...{ relayLists: 1, wraps: 2, seen: 1, invitations: 1, senders: 1, cursors: 1, notices: MANY, meta: 1 },
    });
    const bytes = (await readFile(file)).toString('latin1');
    const secrets = [Buffer.from(account.secretKey).toString('hex'), PASSPHRASE, 'refreshBelow', 'standard'];
    for (const secret of secrets) expect(bytes).not.toContain(secret);
  });

  test('restored under another seal is the same account with the same records', async () => {
    const target = pathsBelow('target');
    clock.advance(60);
    const restored = await restore(target, file);
    expect(restored).toMatchObject({
      account: account.publicKey,
      counts: written.counts,
      configWritten: true,
    });
    expect(await readFile(target.configFile, 'utf8')).toBe(CONFIG);
    const [before, after] = await Promise.all(
      [source, target].map((paths) =>
        withState(paths, async ({ store, exportAccount }) => ({
          tables: await store.read(everything),
          exported: await exportAccount(),
        })),
      ),
    );
    expect(after!.exported).toEqual(before!.exported);
    const { meta, notices, ...tables } = after!.tables;
    const { meta: _, notices: noticesBefore, ...tablesBefore } = before!.tables;
    expect(tables).toEqual(tablesBefore);
    expect(meta).toEqual([
      {
        generation: 7,
        refreshBelow: 3,
        quarantineBelow: 8,
        restored: { backupAt: written.backupAt, restoredAt: clock.now() },
      },
    ]);
    expect(notices).toEqual([
      ...noticesBefore!,
      expect.objectContaining({ seq: MANY + 1, code: 'restored' }),
    ]);
    const seals = [source, target].map(({ stateDir }) => readFile(join(stateDir, 'seal.json'), 'utf8'));
    expect(new Set(await Promise.all(seals)).size).toBe(2);
  });

  test('holds the key also where that is kept in a file, and is not written when the file has another', async () => {
    const paths = pathsBelow('by file');
    const keyFile = join(home, 'key');
    await writeFile(keyFile, Buffer.from(account.secretKey).toString('hex'), { mode: 0o600 });
    await makeState(paths.stateDir, account, clock.now(), { key: { kind: 'file', path: keyFile } });
    const path = join(home, 'by-file.age');
    const restoring = pathsBelow('without the file');
    await withState(paths, async ({ exportAccount }) => {
      expect((await exportAccount()).secretKey).toEqual(Uint8Array.from(account.secretKey));
      await writeFile(keyFile, Buffer.from(createAccount('other').secretKey).toString('hex'));
      await expect(exportAccount()).rejects.toMatchObject({ code: 'identity_invalid' });
    });
    await writeFile(keyFile, Buffer.from(account.secretKey).toString('hex'));
    await backUp(paths, path);
    await rm(keyFile);
    await restore(restoring, path);
    expect(await withState(restoring, async ({ identity }) => identity.source)).toBe('the state directory');
  });

  test('is JSON lines for whoever opens it by hand', async () => {
    let text = '';
    for await (const chunk of decryptWithPassphrase(PASSPHRASE, piecesOf(await readFile(file)))) {
      text += Buffer.from(chunk).toString();
    }
    const [header, ...records] = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(header).toMatchObject({ format: 'dialogd backup', version: 2, config: CONFIG });
    expect(records).toHaveLength(Object.values(written.counts).reduce((sum, count) => sum + count, 0));
    expect(new Set(records.map(({ table }) => table))).toEqual(new Set(Object.keys(written.counts)));
  });
});

async function* piecesOf(bytes: Buffer): AsyncIterable<Uint8Array> {
  yield bytes;
}

describe('a file that cannot be written', () => {
  test.each([
    ['is there already', () => file, 'invalid_argument', 'exists already'],
    ['stands in no directory', () => join(home, 'nowhere', 'b.age'), 'invalid_argument', 'cannot be written'],
    ['is named from somewhere', () => 'b.age', 'invalid_argument', 'absolute'],
    ['is a directory', () => home, 'invalid_argument', 'exists already'],
  ])('because it %s is refused, and nothing is left behind', async (_, path, code, words) => {
    const before = await readFile(file);
    const names = await readdir(home);
    await expect(backUp(source, path())).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
      repair: expect.any(String),
    });
    expect(await readdir(home)).toEqual(names);
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  test('is replaced by force only', async () => {
    const path = join(home, 'old.age');
    await copyFile(file, path);
    await backUp(source, path, true);
    expect((await readFile(path)).equals(await readFile(file))).toBe(false);
  });

  test('waits for the one before it', async () => {
    let end = (): void => {};
    const work = oneAtATime(() => new Promise<void>((resolve) => (end = resolve)));
    const first = work();
    await expect(work()).rejects.toMatchObject({ code: 'busy', retryAfterSec: expect.any(Number) });
    end();
    await first;
    const second = work();
    end();
    await second;
  });
});

describe('a restore', () => {
  const damagedAt = async (at: number): Promise<string> => {
    const path = join(home, `damaged at ${at}.age`);
    const bytes = await readFile(file);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    await writeFile(path, bytes);
    return path;
  };

  test.each([
    ['of a damaged file', async () => [await damagedAt(200_000), PASSPHRASE], 'backup_damaged'],
    ['of a file that is not there', async () => [join(home, 'none.age'), PASSPHRASE], 'invalid_argument'],
    ['with another passphrase', async () => [file, 'battery staple correct'], 'passphrase_wrong'],
  ])('%s says so and leaves nothing', async (what, given, code) => {
    const target = pathsBelow(`nothing ${what}`);
    const [path, passphrase] = (await given()) as [string, string];
    await expect(restore(target, path, passphrase)).rejects.toMatchObject({
      code,
      repair: expect.any(String),
    });
    expect(await filesOf(target)).toEqual([]);
    await expect(stat(target.configFile)).rejects.toThrow();
  });

  test('into the directory of an account, of a running daemon or of a store without its account is refused', async () => {
    const before = await filesOf(source);
    await expect(restore(source, file)).rejects.toMatchObject({ code: 'identity_exists' });
    const holder = await openStateDirectory({ path: source.stateDir, now: clock.now() });
    await expect(restore(source, file)).rejects.toMatchObject({ code: 'already_running' });
    await holder.close();
    expect(await filesOf(source)).toEqual(before);

    const orphan = pathsBelow('orphan');
    await makeState(orphan.stateDir, account, clock.now(), { fill });
    await rm(join(orphan.stateDir, 'account.json'));
    await expect(restore(orphan, file)).rejects.toMatchObject({ code: 'identity_exists' });
    expect(await filesOf(orphan)).toContain('store');
  });

  test('that was cut short is done again, and nothing of the first attempt stays', async () => {
    const target = pathsBelow('cut short');
    await makeState(target.stateDir, account, clock.now(), {
      fill: (store) =>
        store.update('restore', async (tx) => {
          const slot = 'left over' as SlotId;
          tx.slots.put(slot, { slot, kind: 'standard', lastCreatedAt: clock.now() });
        }),
    });
    await rm(join(target.stateDir, 'account.json'));
    await restore(target, file);
    expect(await withState(target, ({ store }) => store.read((view) => view.slots.count()))).toBe(MANY);
  });

  test('leaves a configuration that is there alone', async () => {
    const target = pathsBelow('configured');
    await mkdir(join(home, 'configured', 'config'), { recursive: true });
    await writeFile(target.configFile, '');
    expect((await restore(target, file)).configWritten).toBe(false);
    expect(await readFile(target.configFile, 'utf8')).toBe('');
  });
});
