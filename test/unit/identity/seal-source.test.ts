import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveSeal, type Seal, type SealOptions } from '../../../src/identity/seal-source.ts';
import { createSeededRandom } from '../../support/random.ts';

let home: string;
let stateDir: string;
let credentialsDir: string;
let passphraseFile: string;
let keyFile: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'dialogd-'));
  stateDir = join(home, 'state');
  credentialsDir = join(home, 'credentials');
  passphraseFile = join(home, 'passphrase');
  keyFile = join(stateDir, 'seal.key');
  await mkdir(stateDir, { mode: 0o700 });
  await mkdir(credentialsDir);
});
afterEach(() => rm(home, { recursive: true, force: true }));

const random = createSeededRandom('seal source');
const seal = (options: Partial<SealOptions> = {}): Promise<Seal> =>
  resolveSeal({ stateDir, credential: 'dialogd-seal', random, ...options });

const putPassphrase = (text = 'correct horse\n'): Promise<void> =>
  writeFile(passphraseFile, text, { mode: 0o600 });
const putCredential = (text = 'c'.repeat(40)): Promise<void> =>
  writeFile(join(credentialsDir, 'dialogd-seal'), text);

/** That both open what the other sealed. */
function expectSame(one: Seal, other: Seal): void {
  expect(one.sealer.open(other.sealer.seal(Buffer.from('kept'), 'x'), 'x')).toEqual(Buffer.from('kept'));
  expect(one.sealer.keyId).toBe(other.sealer.keyId);
}

describe('the seal of a new state directory', () => {
  it('is a private key file of its own when nothing else is given', async () => {
    const made = await seal();
    expect(made).toMatchObject({ source: 'key_file', path: keyFile });
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
    expectSame(await seal(), made);
  });

  it('is the passphrase file when one is configured', async () => {
    await putPassphrase();
    const made = await seal({ passphraseFile });
    expect(made).toMatchObject({ source: 'passphrase_file', path: passphraseFile });
    expectSame(await seal({ passphraseFile }), made);
  });

  it('is the systemd credential before anything else', async () => {
    await putPassphrase();
    await putCredential();
    const made = await seal({ passphraseFile, credentialsDir });
    expect(made).toMatchObject({ source: 'credential', path: join(credentialsDir, 'dialogd-seal') });
    expectSame(await seal({ passphraseFile, credentialsDir }), made);
    expect(await readdir(stateDir)).toEqual(['seal.json']);
  });

  it('is another one than that of any other directory with the same passphrase', async () => {
    await putPassphrase();
    const one = await seal({ passphraseFile });
    await mkdir(join(home, 'other'), { mode: 0o700 });
    const other = await seal({ passphraseFile, stateDir: join(home, 'other') });
    expect(other.sealer.keyId).not.toBe(one.sealer.keyId);
  });

  it('is the key file that a first start left behind when it was killed', async () => {
    const made = await seal();
    await rm(join(stateDir, 'seal.json'));
    expectSame(await seal(), made);
  });

  it.each(['account.json', 'store'])('is not made where there is a %s already', async (name) => {
    await writeFile(join(stateDir, name), '');
    await expect(seal()).rejects.toMatchObject({ code: 'store_damaged' });
    expect(await readdir(stateDir)).toEqual([name]);
  });
});

describe('the seal of an existing state directory', () => {
  /** Refused, and nothing in the state directory is another than before. */
  async function expectRefusal(
    options: Partial<SealOptions>,
    code: string,
    ...words: readonly string[]
  ): Promise<void> {
    const names = (await readdir(stateDir)).sort();
    const before = await Promise.all(names.map((name) => readFile(join(stateDir, name), 'utf8')));
    const error = await seal(options).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ code, repair: expect.stringContaining('bring') });
    for (const word of words) expect(error?.message).toContain(word);
    expect((await readdir(stateDir)).sort()).toEqual(names);
    expect(await Promise.all(names.map((name) => readFile(join(stateDir, name), 'utf8')))).toEqual(before);
  }

  it('is refused when the passphrase is another one', async () => {
    await putPassphrase();
    await seal({ passphraseFile });
    await putPassphrase('wrong horse');
    await expectRefusal({ passphraseFile }, 'seal_wrong_key', `the passphrase file ${passphraseFile}`);
  });

  it('is refused with the name of the former source when another one comes before it', async () => {
    await seal();
    await putCredential();
    await expectRefusal({ credentialsDir }, 'seal_wrong_key', `sealed with the key file ${keyFile}`);
    await putPassphrase();
    await expectRefusal({ passphraseFile }, 'seal_wrong_key', `sealed with the key file ${keyFile}`);
  });

  it.each([
    ['credential', () => putCredential(), () => ({ credentialsDir }), 'the systemd credential'],
    ['passphrase', () => putPassphrase(), () => ({ passphraseFile }), 'the passphrase file'],
  ])(
    'is not replaced by a new key file when the %s is not given any more',
    async (_, put, options, words) => {
      await put();
      await seal(options());
      await expectRefusal({}, 'seal_unavailable', words);
    },
  );

  it('is missed when its key file or passphrase file is gone', async () => {
    await putPassphrase();
    await expectRefusal({ passphraseFile: `${passphraseFile}.not` }, 'seal_unavailable', 'passphrase file');
    await seal();
    await rename(keyFile, join(home, 'elsewhere'));
    await expectRefusal({}, 'seal_unavailable', `the key file ${keyFile}`);
  });

  it('stays the same when its key file becomes a credential', async () => {
    const before = await seal();
    await rename(keyFile, join(credentialsDir, 'dialogd-seal'));
    expectSame(await seal({ credentialsDir }), before);
  });

  it('is refused when a bit of its record was flipped', async () => {
    await seal();
    const file = join(stateDir, 'seal.json');
    const text = await readFile(file, 'utf8');
    await writeFile(
      file,
      text.replace(/"keyId": "./, (start) => `${start.slice(0, -1)}x`),
      { mode: 0o600 },
    );
    await expect(seal()).rejects.toMatchObject({ code: 'store_damaged' });
    await writeFile(file, text.slice(0, -10));
    await expect(seal()).rejects.toMatchObject({ code: 'store_damaged' });
  });

  it('of a newer format is left to the newer dialogd', async () => {
    await seal();
    const file = join(stateDir, 'seal.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"format": 1', '"format": 2'));
    await expect(seal()).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('a secret that protects too little', () => {
  it('is refused when other users can read it', async () => {
    await putPassphrase();
    await chmod(passphraseFile, 0o644);
    await expect(seal({ passphraseFile })).rejects.toMatchObject({ code: 'path_unsafe' });
    await seal();
    await chmod(keyFile, 0o640);
    await expect(seal()).rejects.toMatchObject({ code: 'path_unsafe', repair: `chmod 600 ${keyFile}` });
  });

  it('is refused when it is short', async () => {
    await putPassphrase('1234567\n');
    await expect(seal({ passphraseFile })).rejects.toMatchObject({ code: 'seal_unavailable' });
    await putCredential('c'.repeat(31));
    await expect(seal({ credentialsDir })).rejects.toMatchObject({ code: 'seal_unavailable' });
  });
});
