import { describe, expect, test } from 'vitest';
import { createProvider } from '../../../src/mls/crypto/provider.ts';
import { createSeededRandom } from '../../support/random.ts';
import { defaultProvider, ownProvider } from './providers.ts';

const INFO = new TextEncoder().encode('info');
const TEXT = new TextEncoder().encode('a secret of the tree');
const CRYPTO_ERROR = expect.objectContaining({ name: 'CryptoError' });

describe('what one provider made the other one reads', () => {
  const directions = [
    ['ours to default', ownProvider, defaultProvider],
    ['default to ours', defaultProvider, ownProvider],
  ] as const;

  test.each(directions)('HPKE ciphertexts and exports, %s', async (_direction, from, to) => {
    const pair = await to.hpke.generateKeyPair();
    const recipient = await from.hpke.importPublicKey(await to.hpke.exportPublicKey(pair.publicKey));
    const sealed = await from.hpke.seal(recipient, TEXT, INFO);
    expect(await to.hpke.open(pair.privateKey, sealed.enc, sealed.ct, INFO)).toEqual(TEXT);
    const exported = await from.hpke.exportSecret(recipient, TEXT, 32, INFO);
    expect(await to.hpke.importSecret(pair.privateKey, TEXT, exported.enc, 32, INFO)).toEqual(
      exported.secret,
    );
  });

  test.each(directions)(
    'AEAD ciphertexts with and without associated data, %s',
    async (_direction, from, to) => {
      const [key, nonce] = [new Uint8Array(16).fill(5), new Uint8Array(12).fill(6)];
      for (const aad of [undefined, INFO]) {
        const sealed = await from.hpke.encryptAead(key, nonce, aad, TEXT);
        expect(await to.hpke.decryptAead(key, nonce, aad, sealed)).toEqual(TEXT);
      }
    },
  );

  test.each(directions)('signature keys and signatures, %s', async (_direction, from, to) => {
    const { signKey, publicKey } = await from.signature.keygen();
    const signature = await to.signature.sign(signKey, TEXT);
    expect(await from.signature.verify(publicKey, TEXT, signature)).toBe(true);
    expect(await from.signature.sign(signKey, TEXT)).toEqual(signature);
  });

  test.each(directions)('hashes and MACs, %s', async (_direction, from, to) => {
    const mac = await from.hash.mac(INFO, TEXT);
    expect(await to.hash.verifyMac(INFO, mac, TEXT)).toBe(true);
    expect(await to.hash.digest(TEXT)).toEqual(await from.hash.digest(TEXT));
  });
});

describe('what a peer can get wrong', () => {
  const { hpke, hash, signature } = ownProvider;

  test('a MAC or signature that differs or has another length does not verify', async () => {
    const mac = await hash.mac(INFO, TEXT);
    const flipped = mac.map((byte, index) => (index === 31 ? byte ^ 1 : byte));
    expect(await hash.verifyMac(INFO, flipped, TEXT)).toBe(false);
    expect(await hash.verifyMac(INFO, mac.subarray(1), TEXT)).toBe(false);
    const { signKey, publicKey } = await signature.keygen();
    const good = await signature.sign(signKey, TEXT);
    expect(await signature.verify(publicKey, TEXT, good.subarray(1))).toBe(false);
    expect(await signature.verify(publicKey, INFO, good)).toBe(false);
    expect(await signature.verify(publicKey.subarray(1), TEXT, good)).toBe(false);
  });

  test('a key that is not on the curve verifies nothing', async () => {
    expect(await signature.verify(new Uint8Array(32).fill(0xff), TEXT, new Uint8Array(64))).toBe(false);
  });

  test('keys of a wrong length are a CryptoError at import', async () => {
    await expect(hpke.importPublicKey(new Uint8Array(31))).rejects.toThrow(CRYPTO_ERROR);
    await expect(hpke.importPrivateKey(new Uint8Array(33))).rejects.toThrow(CRYPTO_ERROR);
    await expect(signature.sign(new Uint8Array(48), TEXT)).rejects.toThrow(CRYPTO_ERROR);
  });

  test('a public key of small order is a CryptoError, not a shared secret of zeros', async () => {
    const zero = await hpke.importPublicKey(new Uint8Array(32));
    await expect(hpke.seal(zero, TEXT, INFO)).rejects.toThrow(CRYPTO_ERROR);
    const { privateKey } = await hpke.generateKeyPair();
    await expect(hpke.open(privateKey, new Uint8Array(32), TEXT, INFO)).rejects.toThrow(CRYPTO_ERROR);
  });

  test('ciphertexts that are changed, cut, or addressed to another are a CryptoError', async () => {
    const { privateKey, publicKey } = await hpke.generateKeyPair();
    const stranger = await hpke.generateKeyPair();
    const { enc, ct } = await hpke.seal(publicKey, TEXT, INFO);
    const changed = ct.map((byte, index) => (index === 0 ? byte ^ 1 : byte));
    for (const attempt of [
      hpke.open(privateKey, enc, changed, INFO),
      hpke.open(privateKey, enc, ct.subarray(0, 15), INFO),
      hpke.open(privateKey, enc.subarray(1), ct, INFO),
      hpke.open(privateKey, enc, ct, TEXT),
      hpke.open(stranger.privateKey, enc, ct, INFO),
    ]) {
      await expect(attempt).rejects.toThrow(CRYPTO_ERROR);
    }
  });
});

test('all randomness comes from the port: the same seed gives the same keys and ciphertexts', async () => {
  const run = async () => {
    const { hpke, signature, rng } = createProvider(createSeededRandom(7));
    const { privateKey, publicKey } = await hpke.generateKeyPair();
    const sealed = await hpke.seal(publicKey, TEXT, INFO);
    const key = await hpke.exportPrivateKey(privateKey);
    return [key, sealed, await signature.keygen(), rng.randomBytes(4)];
  };
  expect(await run()).toEqual(await run());
});

test('no more is expanded from one key than RFC 5869 allows', async () => {
  const prk = new Uint8Array(32);
  expect(await ownProvider.kdf.expand(prk, INFO, 8_160)).toHaveLength(8_160);
  await expect(ownProvider.kdf.expand(prk, INFO, 8_161)).rejects.toThrow(RangeError);
});

test('exported keys are copies: zeroing one leaves the key usable', async () => {
  const { hpke } = ownProvider;
  const { privateKey, publicKey } = await hpke.generateKeyPair();
  (await hpke.exportPrivateKey(privateKey)).fill(0);
  const { enc, ct } = await hpke.seal(publicKey, TEXT, INFO);
  expect(await hpke.open(privateKey, enc, ct, INFO)).toEqual(TEXT);
});
