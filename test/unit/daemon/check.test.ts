/** What `dialogd check` finds in a state directory that nobody uses. */
import { chmod, chown, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { checkAccount } from '../../../src/daemon/check/account.ts';
import { checkConfiguration } from '../../../src/daemon/check/configuration.ts';
import { livingHolder, type Place } from '../../../src/daemon/check/place.ts';
import { checkProgram } from '../../../src/daemon/check/program.ts';
import { checkStateDirectory, judgeRoom } from '../../../src/daemon/check/state-directory.ts';
import { checkStore } from '../../../src/daemon/check/store.ts';
import { sealOf } from '../../../src/daemon/state.ts';
import { systemRandom } from '../../../src/daemon/system.ts';
import type { Finding } from '../../../src/finding.ts';
import { createAccount } from '../../../src/identity/account.ts';
import { unixSeconds } from '../../../src/ids.ts';
import { openStateDirectory } from '../../../src/store/state-directory.ts';
import { openStore } from '../../../src/store/store.ts';
import { createAccount as createKeys } from '../../support/nostr.ts';
import { tempDirectory } from '../../support/rpc/server.ts';

const bad = (findings: readonly Finding[]): string[] =>
  findings.filter(({ level }) => level !== 'ok').map(({ level, check }) => `${level} ${check}`);

async function emptyPlace(): Promise<Place> {
  const home = await tempDirectory();
  const paths = { stateDir: join(home, 's'), configFile: join(home, 'c.toml'), runtimeDir: join(home, 'r') };
  return { paths, env: {}, config: loadConfig(paths.configFile), holder: undefined };
}

/** A state directory after `init` and one start. */
async function place(): Promise<Place> {
  const made = await emptyPlace();
  const { stateDir } = made.paths;
  const directory = await openStateDirectory({ path: stateDir, now: unixSeconds(1) });
  const { sealer } = await sealOf({ ...made, config: made.config!, random: systemRandom });
  const secretKey = Uint8Array.from(createKeys('check').secretKey);
  await createAccount({ stateDir, sealer }, { kind: 'sealed', secretKey }, unixSeconds(1));
  const store = await openStore({ location: directory, sealer });
  await store.update('settings', async (tx) => tx.meta.put('meta', { generation: 1 }));
  await store.close();
  await directory.close();
  return made;
}

const everything = async (given: Place): Promise<Finding[]> => [
  ...(await checkStateDirectory(given)),
  ...(await checkAccount(given)),
  ...(await checkStore(given)),
];

/** Names, times and sizes of everything in a directory. */
async function inventory(directory: string): Promise<string[]> {
  const names = (await readdir(directory, { recursive: true })).sort();
  const facts = names.map(async (name) => {
    const { size, mtimeMs, ino } = await stat(join(directory, name));
    return `${name} ${size} ${mtimeMs} ${ino}`;
  });
  return Promise.all(facts);
}

it('a state directory in order has nothing to mend, and is not touched', async () => {
  const given = await place();
  const before = await inventory(given.paths.stateDir);
  expect(bad(await everything(given))).toEqual([]);
  expect(await inventory(given.paths.stateDir)).toEqual(before);
});

it('before init there is nothing, and nothing is made', async () => {
  const given = await emptyPlace();
  expect(await checkStateDirectory(given)).toMatchObject([
    { check: 'state.directory', level: 'error', repair: 'dialogctl init' },
  ]);
  await expect(stat(given.paths.stateDir)).rejects.toThrow('ENOENT');
});

it('an empty directory belongs to no account, and gets no seal', async () => {
  const given = await emptyPlace();
  await mkdir(given.paths.stateDir, { mode: 0o700 });
  expect(bad(await everything(given))).toEqual(['error account.exists']);
  expect(await readdir(given.paths.stateDir)).toEqual([]);
});

it.skipIf(process.geteuid?.() !== 0)(
  'root finds the state of a service in order, and reads no secret',
  async () => {
    const given = await place();
    const { stateDir } = given.paths;
    for (const name of ['', ...(await readdir(stateDir))]) await chown(join(stateDir, name), 61_805, 61_805);
    const findings = await everything(given);
    expect(bad(findings)).toEqual([]);
    expect(findings).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('not looked at') }),
    );
    await chmod(join(stateDir, 'seal.key'), 0o644);
    expect(bad(await everything(given))).toEqual(['error state.private']);
  },
);

it('a link in the place of the state directory is refused, as a start refuses it', async () => {
  const given = await place();
  const link = `${given.paths.stateDir}-link`;
  await symlink(given.paths.stateDir, link);
  const linked = { ...given, paths: { ...given.paths, stateDir: link } };
  expect(bad(await checkStateDirectory(linked))).toEqual(['error state.directory']);
});

it.each([
  ['', 0o755, 'chmod 700'],
  ['seal.key', 0o644, 'chmod 600'],
  ['account.json', 0o640, 'chmod 600'],
])('"%s" with mode %o is named with the command that closes it', async (name, mode, repair) => {
  const given = await place();
  const path = join(given.paths.stateDir, name);
  await chmod(path, mode);
  const finding = (await checkStateDirectory(given)).find(({ level }) => level === 'error');
  expect(finding).toMatchObject({ check: 'state.private', repair: expect.stringContaining(repair) });
});

it.each([
  ['the key file that seals', 'seal.key', /bring it back/],
  ['the record of the seal', 'seal.json', /dialogctl restore/],
])('without %s the account does not open', async (_what, name, repair) => {
  const given = await place();
  await rm(join(given.paths.stateDir, name));
  const [finding] = await checkAccount(given);
  expect(finding).toMatchObject({ level: 'error', repair: expect.stringMatching(repair) });
});

it('a seal by a credential is left to the service that is given it', async () => {
  const given = await emptyPlace();
  const credentials = join(given.paths.stateDir, '../credentials');
  await mkdir(credentials, { mode: 0o700 });
  await writeFile(join(credentials, 'dialogd-seal'), 'x'.repeat(32), { mode: 0o600 });
  const { stateDir } = given.paths;
  await mkdir(stateDir, { mode: 0o700 });
  const env = { CREDENTIALS_DIRECTORY: credentials };
  const { sealer } = await sealOf({ ...given, env, config: given.config!, random: systemRandom });
  const secretKey = Uint8Array.from(createKeys('check').secretKey);
  await createAccount({ stateDir, sealer }, { kind: 'sealed', secretKey }, unixSeconds(1));
  expect(await checkAccount(given)).toMatchObject([
    { level: 'ok', message: expect.stringContaining('service') },
  ]);
  expect(await checkAccount({ ...given, env })).toMatchObject([{ check: 'account.seal' }, { level: 'ok' }]);
});

it('no finding holds a secret', async () => {
  const given = await place();
  const secret = Buffer.from(createKeys('check').secretKey).toString('hex');
  expect(JSON.stringify(await everything(given))).not.toContain(secret);
});

it('a damaged or missing file of the store is told', async () => {
  const given = await place();
  const store = join(given.paths.stateDir, 'store');
  await writeFile(join(store, '000099.ldb'), 'no table');
  expect(bad(await checkStore(given))).toEqual(['warning store.sound']);
  await rm(join(store, 'CURRENT'));
  expect(bad(await checkStore(given))).toEqual(['error store.sound']);
  await rm(store, { recursive: true });
  expect(bad(await checkStore(given))).toEqual(['error store.sound']);
});

it('a store in use is left alone, whatever is in it', async () => {
  const given = await place();
  await rm(join(given.paths.stateDir, 'store', 'CURRENT'));
  expect(bad(await checkStore({ ...given, holder: { pid: 1, since: 1 } }))).toEqual([]);
});

it('the process that uses it is known while it lives', async () => {
  const { paths } = await emptyPlace();
  expect(await livingHolder(paths.stateDir)).toBeUndefined();
  const directory = await openStateDirectory({ path: paths.stateDir, now: unixSeconds(7) });
  expect(await livingHolder(paths.stateDir)).toEqual({ pid: process.pid, since: 7 });
  await directory.close();
  // Linux and macOS give no process such a number.
  await writeFile(join(paths.stateDir, 'holder'), '99999999 7\n');
  expect(await livingHolder(paths.stateDir)).toBeUndefined();
});

it('a configuration is judged as a start would, every mistake in one line', async () => {
  const { paths } = await emptyPlace();
  const without = await checkConfiguration(paths.configFile);
  expect(bad(without.findings)).toEqual(['warning configuration.relays']);
  await writeFile(paths.configFile, 'colour = 1\n[relays]\nbootstrap = ["http://x"]\n');
  const { config, findings } = await checkConfiguration(paths.configFile);
  expect(config).toBeUndefined();
  expect(findings).toMatchObject([
    { level: 'error', message: expect.stringMatching(/colour.*bootstrap|bootstrap.*colour/) },
  ]);
  expect(findings[0]?.message).not.toContain('\n');
  await writeFile(paths.configFile, '[relays]\nbootstrap = ["wss://x"]\n');
  expect(bad((await checkConfiguration(paths.configFile)).findings)).toEqual([]);
});

it.each([
  ['19.9.0', 'error'],
  ['20.0.0', 'ok'],
])('Node %s is %s', (node, level) => {
  expect(checkProgram('0.1.0', node).level).toBe(level);
});

const GIB = 2 ** 30;
it.each([
  [GIB, 10 * GIB, 'ok'],
  [GIB, 200 * GIB, 'ok'],
  [2 ** 20, 4 * 2 ** 20, 'ok'],
  [32 * 2 ** 20, GIB, 'warning'],
  [2 ** 20, GIB, 'error'],
])('%i free bytes of %i are %s', (free, total, level) => {
  expect(judgeRoom(free, total).level).toBe(level);
});
