import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nsecEncode } from 'nostr-tools/nip19';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AccountKey,
  type AccountPlace,
  accountExists,
  createAccount,
  loadAccount,
} from '../../../src/identity/account.ts';
import { unixSeconds } from '../../../src/ids.ts';
import { createAccount as createTestAccount } from '../../support/nostr.ts';
import { testSealer } from '../../support/state.ts';

const now = unixSeconds(1_800_000_000);
const alice = createTestAccount('alice');
const bob = createTestAccount('bob');

let stateDir: string;
let keyFile: string;
let place: AccountPlace;
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'dialogd-'));
  keyFile = join(stateDir, 'key');
  place = { stateDir, sealer: testSealer(), credentialsDir: stateDir };
});
afterEach(() => rm(stateDir, { recursive: true, force: true }));

const sealed = (): AccountKey => ({ kind: 'sealed', secretKey: Uint8Array.from(alice.secretKey) });
const putKey = (secretKey: Uint8Array): Promise<void> =>
  writeFile(keyFile, `${nsecEncode(secretKey)}\n`, { mode: 0o600 });

describe('an account', () => {
  it('is missing before it is made, and there is only one', async () => {
    expect(await accountExists(stateDir)).toBe(false);
    await expect(loadAccount(place)).rejects.toMatchObject({
      code: 'identity_missing',
      repair: expect.stringContaining('dialogctl init'),
    });
    expect(await createAccount(place, sealed(), now)).toBe(alice.publicKey);
    expect(await accountExists(stateDir)).toBe(true);
    await expect(createAccount(place, sealed(), now)).rejects.toMatchObject({ code: 'identity_exists' });
  });

  it.each<[string, () => AccountKey, string]>([
    ['sealed in the state directory', sealed, 'the state directory'],
    ['in a file of its own', () => ({ kind: 'file', path: keyFile }), 'the file '],
    ['in a systemd credential', () => ({ kind: 'credential', name: 'key' }), 'the credential key'],
  ])('signs with the key %s after every start', async (_, key, words) => {
    await putKey(alice.secretKey);
    await createAccount(place, key(), now);
    for (let start = 1; start <= 2; start++) {
      const { signer, source, createdAt } = await loadAccount(place);
      expect({ account: signer.account, createdAt }).toEqual({ account: alice.publicKey, createdAt: now });
      expect(source).toContain(words);
      const outcome = await signer.sign({ kind: 1, created_at: now, tags: [], content: '' });
      expect(outcome).toMatchObject({ kind: 'ok', value: { pubkey: alice.publicKey } });
      await signer.close();
    }
  });
});

describe('an account key sealed in the state directory', () => {
  it('is in no readable form in its private file, and zeroed where it came from', async () => {
    const key = sealed() as Extract<AccountKey, { kind: 'sealed' }>;
    await createAccount(place, key, now);
    const file = join(stateDir, 'account.json');
    const text = await readFile(file, 'utf8');
    for (const form of ['hex', 'base64', 'latin1'] as const) {
      expect(text).not.toContain(Buffer.from(alice.secretKey).toString(form).slice(0, 40));
    }
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(key.secretKey).toEqual(new Uint8Array(32));
  });

  it('is not opened by another seal', async () => {
    await createAccount(place, sealed(), now);
    const other = { ...place, sealer: testSealer('another') };
    await expect(loadAccount(other)).rejects.toMatchObject({ code: 'seal_wrong_key' });
  });
});

describe('an account key kept elsewhere', () => {
  const inFile = (): AccountKey => ({ kind: 'file', path: keyFile });

  it('is not copied into the state directory', async () => {
    await putKey(alice.secretKey);
    await createAccount(place, inFile(), now);
    expect(JSON.parse(await readFile(join(stateDir, 'account.json'), 'utf8')).content).toEqual({
      account: alice.publicKey,
      createdAt: now,
      key: { kind: 'file', path: keyFile },
    });
  });

  it('that has become that of somebody else is refused', async () => {
    await putKey(alice.secretKey);
    await createAccount(place, inFile(), now);
    await putKey(bob.secretKey);
    await expect(loadAccount(place)).rejects.toMatchObject({
      code: 'identity_invalid',
      message: expect.stringContaining(bob.publicKey.slice(0, 8)),
    });
  });

  it('that is gone is named', async () => {
    await expect(createAccount(place, inFile(), now)).rejects.toMatchObject({
      code: 'identity_invalid',
      message: `the file ${keyFile} with the account key is not there`,
    });
    const credential: AccountKey = { kind: 'credential', name: 'absent' };
    await expect(createAccount(place, credential, now)).rejects.toMatchObject({
      code: 'identity_invalid',
      repair: 'add LoadCredential=absent to the unit',
    });
    expect(await accountExists(stateDir)).toBe(false);
  });

  it('that others can read is refused', async () => {
    await putKey(alice.secretKey);
    await chmod(keyFile, 0o644);
    await expect(createAccount(place, inFile(), now)).rejects.toMatchObject({ code: 'path_unsafe' });
  });
});
