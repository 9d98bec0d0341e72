import { Decrypter, Encrypter } from 'age-encryption';
import { describe, expect, test } from 'vitest';
import { decryptWithPassphrase, encryptWithPassphrase, LOG_ROUNDS } from '../../../src/identity/age-file.ts';

const PASSPHRASE = 'correct horse battery staple';
/** Enough to be right, and quick. */
const QUICK = 4;
const PLAINTEXT = Buffer.from('first line\n'.repeat(9_000));

async function* chunksOf(bytes: Uint8Array, size = 10_000): AsyncIterable<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const encrypted = async (plaintext = PLAINTEXT): Promise<Buffer> =>
  collect(await encryptWithPassphrase(PASSPHRASE, chunksOf(plaintext), QUICK));
const decrypted = (bytes: Uint8Array, passphrase = PASSPHRASE): Promise<Buffer> =>
  collect(decryptWithPassphrase(passphrase, chunksOf(bytes)));

const outcomeOf = (bytes: Uint8Array): Promise<string> =>
  decrypted(bytes).then(
    () => 'opened',
    ({ code }) => code,
  );

test('what was encrypted comes back, in pieces of any size', async () => {
  expect((await decrypted(await encrypted())).equals(PLAINTEXT)).toBe(true);
});

test('other implementations of age open it, and theirs is opened', async () => {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(PASSPHRASE);
  expect(Buffer.from(await decrypter.decrypt(await encrypted())).equals(PLAINTEXT)).toBe(true);
  const encrypter = new Encrypter();
  encrypter.setPassphrase(PASSPHRASE);
  encrypter.setScryptWorkFactor(QUICK);
  expect((await decrypted(await encrypter.encrypt(PLAINTEXT))).equals(PLAINTEXT)).toBe(true);
});

test('it is stretched as age itself stretches, and differs each time', async () => {
  expect(LOG_ROUNDS).toBe(18);
  const [one, other] = [await encrypted(Buffer.from('x')), await encrypted(Buffer.from('x'))];
  expect(one.toString('latin1')).toMatch(/^age-encryption\.org\/v1\n-> scrypt [A-Za-z0-9+/]{22} 4\n/);
  expect(one.equals(other)).toBe(false);
});

describe('an error tells what is wrong', () => {
  test('another passphrase', async () => {
    await expect(decrypted(await encrypted(), `${PASSPHRASE}!`)).rejects.toMatchObject({
      code: 'passphrase_wrong',
    });
  });

  test('one flipped bit, wherever it is, and nothing is opened', async () => {
    const whole = await encrypted(Buffer.from('short'));
    for (let at = 0; at < whole.length; at++) {
      const flipped = Buffer.from(whole);
      flipped[at]! ^= 1 << (at % 8);
      expect(['backup_damaged', 'passphrase_wrong'], `bit of byte ${at}`).toContain(await outcomeOf(flipped));
    }
  });

  test('a flipped bit after the header is damage, not a wrong passphrase', async () => {
    const whole = await encrypted();
    for (const at of [200, 70_000, whole.length - 1]) {
      const flipped = Buffer.from(whole);
      flipped[at]! ^= 0x10;
      expect(await outcomeOf(flipped)).toBe('backup_damaged');
    }
  });

  test('a cut end, also between two chunks of the format', async () => {
    const whole = await encrypted();
    const header = whole.indexOf('\n---') + 1;
    const payload = whole.indexOf('\n', header) + 1 + 16;
    for (const length of [0, 10, header, payload, payload + 65_536 + 16, whole.length - 1]) {
      expect(await outcomeOf(whole.subarray(0, length)), `${length} bytes`).toBe('backup_damaged');
    }
  });

  test.each([
    ['some other file', 'hello'],
    ['one for a key', 'age-encryption.org/v1\n-> X25519 abc\n'],
    ['one that asks for endless stretching', 'age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 30\n'],
  ])('%s', async (_, text) => {
    expect(await outcomeOf(Buffer.from(`${text}${'A'.repeat(43)}\n--- ${'A'.repeat(43)}\n`))).toBe(
      'backup_damaged',
    );
  });

  test('a disk that fails is no damage of the backup', async () => {
    async function* failing(): AsyncIterable<Uint8Array> {
      yield (await encrypted()).subarray(0, 500);
      throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
    }
    await expect(collect(decryptWithPassphrase(PASSPHRASE, failing()))).rejects.toMatchObject({
      code: 'EIO',
    });
  });
});
