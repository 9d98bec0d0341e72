import { describe, expect, test } from 'vitest';
import { deriveKeyPair, setupRecipient, setupSender } from '../../../src/mls/crypto/hpke.ts';
import { publicKeyOf, x25519 } from '../../../src/mls/crypto/okp.ts';
import { createProvider } from '../../../src/mls/crypto/provider.ts';
import { ownProvider, PROVIDERS } from './providers.ts';
import { fromHex, toHex, vectors } from './samples.ts';

interface Hkdf {
  readonly cases: readonly Readonly<Record<'ikm' | 'salt' | 'info' | 'prk' | 'okm', string>>[];
}
interface Ed25519 {
  readonly cases: readonly Readonly<Record<'secret' | 'public' | 'message' | 'signature', string>>[];
}
interface Hpke {
  readonly info: string;
  readonly ikmE: string;
  readonly skEm: string;
  readonly pkEm: string;
  readonly ikmR: string;
  readonly skRm: string;
  readonly pkRm: string;
  readonly enc: string;
  readonly key: string;
  readonly base_nonce: string;
  readonly exporter_secret: string;
  readonly encryption: Readonly<Record<'pt' | 'aad' | 'ct', string>>;
  readonly exports: readonly Readonly<Record<'exporter_context' | 'exported_value', string>>[];
}

const hkdf = vectors<Hkdf>('rfc/rfc5869-hkdf.json');
const ed25519 = vectors<Ed25519>('rfc/rfc8032-ed25519.json');
const hpke = vectors<Hpke>('rfc/rfc9180-hpke.json');
const dh = vectors<Readonly<Record<string, string>>>('rfc/rfc7748-x25519.json');
const bytes = (name: string): Uint8Array => fromHex(dh[name] as string);

describe.each(PROVIDERS)('%s', (_name, { kdf, signature, hpke: suite }) => {
  test('expands as RFC 5869 says', async () => {
    for (const { info, prk, okm } of hkdf.cases) {
      expect(toHex(await kdf.expand(fromHex(prk), fromHex(info), okm.length / 2))).toBe(okm);
    }
  });

  test('signs and verifies as RFC 8032 says', async () => {
    for (const { secret, public: publicKey, message, signature: expected } of ed25519.cases) {
      expect(toHex(await signature.sign(fromHex(secret), fromHex(message)))).toBe(expected);
      expect(await signature.verify(fromHex(publicKey), fromHex(message), fromHex(expected))).toBe(true);
    }
  });

  test('derives key pairs, opens and exports as RFC 9180 says', async () => {
    for (const [ikm, privateKey, publicKey] of [
      [hpke.ikmE, hpke.skEm, hpke.pkEm],
      [hpke.ikmR, hpke.skRm, hpke.pkRm],
    ] as const) {
      const pair = await suite.deriveKeyPair(fromHex(ikm));
      expect(toHex(await suite.exportPrivateKey(pair.privateKey))).toBe(privateKey);
      expect(toHex(await suite.exportPublicKey(pair.publicKey))).toBe(publicKey);
    }
    const recipient = await suite.importPrivateKey(fromHex(hpke.skRm));
    const [enc, info] = [fromHex(hpke.enc), fromHex(hpke.info)];
    const { pt, aad, ct } = hpke.encryption;
    expect(toHex(await suite.open(recipient, enc, fromHex(ct), info, fromHex(aad)))).toBe(pt);
    for (const { exporter_context, exported_value } of hpke.exports) {
      const secret = await suite.importSecret(recipient, fromHex(exporter_context), enc, 32, info);
      expect(toHex(secret)).toBe(exported_value);
    }
  });
});

describe('our HPKE with the ephemeral key of RFC 9180', () => {
  test('seals to the ciphertext of the vector', async () => {
    const { hpke: suite } = createProvider({ bytes: () => fromHex(hpke.skEm) });
    const recipient = await suite.importPublicKey(fromHex(hpke.pkRm));
    const { pt, aad, ct } = hpke.encryption;
    const sealed = await suite.seal(recipient, fromHex(pt), fromHex(hpke.info), fromHex(aad));
    expect({ enc: toHex(sealed.enc), ct: toHex(sealed.ct) }).toEqual({ enc: hpke.enc, ct });
  });

  test('gives both sides the key schedule of the vector', () => {
    const info = fromHex(hpke.info);
    const { enc, context } = setupSender(fromHex(hpke.skEm), fromHex(hpke.pkRm), info);
    expect(setupRecipient(fromHex(hpke.skRm), enc, info)).toEqual(context);
    expect({
      key: toHex(context.key),
      base_nonce: toHex(context.baseNonce),
      exporter_secret: toHex(context.exporterSecret),
    }).toEqual({ key: hpke.key, base_nonce: hpke.base_nonce, exporter_secret: hpke.exporter_secret });
    expect(toHex(deriveKeyPair(fromHex(hpke.ikmR)).publicKey)).toBe(hpke.pkRm);
  });
});

// The default provider refuses every salt that is not as long as the hash.
test('our provider extracts as RFC 5869 says', async () => {
  for (const { ikm, salt, prk } of hkdf.cases) {
    expect(toHex(await ownProvider.kdf.extract(fromHex(salt), fromHex(ikm)))).toBe(prk);
  }
});

test('our X25519 gives the keys and the secret of RFC 7748', () => {
  const alice = x25519(bytes('alice_private'), bytes('bob_public'));
  const bob = x25519(bytes('bob_private'), bytes('alice_public'));
  expect(toHex(alice.publicKey)).toBe(dh.alice_public);
  expect(publicKeyOf('X25519', bytes('bob_private'))).toEqual(bob.publicKey);
  expect([toHex(alice.secret), toHex(bob.secret)]).toEqual([dh.shared, dh.shared]);
});
