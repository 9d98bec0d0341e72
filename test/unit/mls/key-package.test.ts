import { decodeMlsMessage, encodeMlsMessage } from 'ts-mls';
import { describe, expect, test } from 'vitest';
import { unixSeconds } from '../../../src/ids.ts';
import { publicKeyOf } from '../../../src/mls/crypto/okp.ts';
import {
  decodeKeyPackageMessage,
  encodeKeyPackageMessage,
} from '../../../src/mls/messages/key-package-message.ts';
import { decodePrivatePackage, encodePrivatePackage } from '../../../src/mls/messages/private-package.ts';
import type { KeyPackageRequest } from '../../../src/ports.ts';
import type { PrivateKeyPackage } from '../../../src/records.ts';
import { fromHex, MALFORMED, mls, rustKeyPackage, sampleRequest, toHex } from './samples.ts';

const hex64 = (value: number): string => value.toString(16).padStart(16, '0');
const key = (bytes: Uint8Array): string => `20${toHex(bytes)}`;

/** Section 2 of protocol.md written out, from the start of the message to the leaf's signature. */
function expectedStart(request: KeyPackageRequest, made: PrivateKeyPackage): string {
  const keys = decodePrivatePackage(made.privateBytes);
  return [
    '0001 0005 0001 0001',
    key(publicKeyOf('X25519', keys.initPrivateKey)),
    key(publicKeyOf('X25519', keys.hpkePrivateKey)),
    key(publicKeyOf('Ed25519', keys.signaturePrivateKey)),
    `0001 20 ${request.account}`,
    '02 0001  02 0001  04 0006f2d1  04 0008000a  02 0001',
    `01 ${hex64(request.notBefore)} ${hex64(request.notAfter)}`,
    '4090 0006 408c 408a',
    '0001 17 16 0001 8001 8002 8003 8004 8005 8006 8007 8009 800b 800c',
    '0002 01 00',
    `8009 4068 ${toHex(request.accountProof)}`,
    '4040',
  ]
    .join('')
    .replaceAll(' ', '');
}

/** What follows the leaf's 64-byte signature, up to the package's own. */
function extensionsOf(request: KeyPackageRequest, made: PrivateKeyPackage): string {
  const from = expectedStart(request, made).length / 2 + 64;
  return toHex(made.message.subarray(from, -66));
}

describe('a KeyPackage of the Rust implementation', () => {
  const message = fromHex(rustKeyPackage.mls_message);

  test('is read with the facts the vector names and two valid signatures', () => {
    const facts = mls.readKeyPackage(message);
    expect(facts).toMatchObject({
      ref: rustKeyPackage.key_package_ref,
      protocolVersion: 1,
      ciphersuite: 1,
      identity: fromHex(rustKeyPackage.account),
      signatureKey: fromHex(rustKeyPackage.signature_key),
      capabilities: rustKeyPackage.capabilities,
      lifetime: { notBefore: BigInt(rustKeyPackage.not_before), notAfter: BigInt(rustKeyPackage.not_after) },
      keyPackageExtensions: [{ type: 0x0006, data: fromHex('03000400') }],
      leafSignatureValid: true,
      keyPackageSignatureValid: true,
    });
    expect(facts.leafExtensions.map(({ type }) => type)).toEqual([0x0006]);
  });

  test('encodes to the same bytes again', () => {
    expect(encodeKeyPackageMessage(decodeKeyPackageMessage(message))).toEqual(message);
  });

  test('shares no memory with the message it was read from, a Buffer included', () => {
    const buffer = Buffer.from(message);
    const facts = mls.readKeyPackage(buffer);
    buffer.fill(0);
    expect(toHex(facts.signatureKey)).toBe(rustKeyPackage.signature_key);
    expect(facts.signatureKey).not.toBeInstanceOf(Buffer);
  });
});

describe('a KeyPackage of ours', () => {
  test('is byte for byte what the profile says, standard and last-resort', () => {
    for (const lastResort of [false, true]) {
      const request = sampleRequest({ lastResort });
      const made = mls.generateKeyPackage(request);
      expect(toHex(made.message).startsWith(expectedStart(request, made))).toBe(true);
      expect(extensionsOf(request, made)).toBe(lastResort ? '0700060403000400' : '00');
    }
  });

  test('decoded again equals what was asked for', () => {
    const request = sampleRequest({ lastResort: true });
    const made = mls.generateKeyPackage(request);
    expect(mls.readKeyPackage(made.message)).toMatchObject({
      ref: made.ref,
      identity: fromHex(request.account),
      signatureKey: request.signatureKeyPair.publicKey,
      lifetime: { notBefore: BigInt(request.notBefore), notAfter: BigInt(request.notAfter) },
      leafSignatureValid: true,
      keyPackageSignatureValid: true,
    });
  });

  test('has fresh keys and a ref of its own each time, under one signature key', () => {
    const request = sampleRequest();
    const made = [1, 2].map(() => mls.generateKeyPackage(request));
    const keys = made.map(({ privateBytes }) => decodePrivatePackage(privateBytes));
    const [first, second] = keys as [(typeof keys)[0], (typeof keys)[0]];
    expect(made[0]?.ref).not.toBe(made[1]?.ref);
    expect(first.initPrivateKey).not.toEqual(second.initPrivateKey);
    expect(first.hpkePrivateKey).not.toEqual(second.hpkePrivateKey);
    expect(first.initPrivateKey).not.toEqual(first.hpkePrivateKey);
    expect(first.signaturePrivateKey).toEqual(request.signatureKeyPair.privateKey);
    expect(second.signaturePrivateKey).toEqual(request.signatureKeyPair.privateKey);
  });

  test('leaves the signature key it was made with usable', () => {
    const request = sampleRequest();
    const before = toHex(request.signatureKeyPair.privateKey);
    mls.generateKeyPackage(request);
    expect(toHex(request.signatureKeyPair.privateKey)).toBe(before);
  });
});

describe('a KeyPackage that was tampered with', () => {
  const { message } = mls.generateKeyPackage(sampleRequest());
  const changed = (change: (keyPackage: ReturnType<typeof decodeKeyPackageMessage>) => void): Uint8Array => {
    const keyPackage = structuredClone(decodeKeyPackageMessage(message));
    change(keyPackage);
    return encodeKeyPackageMessage(keyPackage);
  };

  test('in its leaf is read as signed by nobody', () => {
    const facts = mls.readKeyPackage(changed(({ leafNode }) => leafNode.capabilities.proposals.push(11)));
    expect(facts).toMatchObject({ leafSignatureValid: false, keyPackageSignatureValid: false });
  });

  test('outside its leaf is read as a valid leaf in an unsigned package', () => {
    const facts = mls.readKeyPackage(changed(({ initKey }) => initKey.fill(7)));
    expect(facts).toMatchObject({ leafSignatureValid: true, keyPackageSignatureValid: false });
  });

  test('by a signature key of a wrong length is read as signed by nobody', () => {
    const message = changed(({ leafNode }) => {
      leafNode.signaturePublicKey = new Uint8Array(31);
    });
    expect(mls.readKeyPackage(message)).toMatchObject({
      leafSignatureValid: false,
      keyPackageSignatureValid: false,
    });
  });
});

describe('bytes that are not a KeyPackage message', () => {
  const { message } = mls.generateKeyPackage(sampleRequest());

  test.each([
    ['nothing', new Uint8Array(0)],
    ['one byte less', message.subarray(0, -1)],
    ['one byte more', fromHex(`${toHex(message)}00`)],
    ['another protocol version', fromHex(toHex(message).replace(/^0001/, '0002'))],
    ['another wire format', fromHex(toHex(message).replace(/^00010005/, '00010003'))],
    ['a length not in its shortest form', fromHex(toHex(message).replace(/^(0001000500010001)20/, '$14020'))],
    [
      'a credential type without a decoder',
      fromHex(toHex(message).replace(/0001(20[0-9a-f]{64}02)/, '0a0a$1')),
    ],
    ['more bytes than are read', new Uint8Array(8_193)],
  ])('are malformed: %s', (_case, bytes) => {
    expect(() => mls.readKeyPackage(bytes)).toThrow(MALFORMED);
  });

  test('are malformed: an MLSMessage of another kind, well formed', () => {
    const welcome = encodeMlsMessage({
      version: 'mls10',
      wireformat: 'mls_welcome',
      welcome: {
        cipherSuite: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519',
        secrets: [],
        encryptedGroupInfo: new Uint8Array(3),
      },
    });
    expect(decodeMlsMessage(welcome, 0)).toBeDefined();
    expect(() => mls.readKeyPackage(welcome)).toThrow(MALFORMED);
  });
});

describe('the private half', () => {
  const keys = {
    initPrivateKey: new Uint8Array(32).fill(1),
    hpkePrivateKey: new Uint8Array(32).fill(2),
    signaturePrivateKey: new Uint8Array(32).fill(3),
  };
  const bytes = encodePrivatePackage(keys);

  test('is a version byte and three keys with their lengths', () => {
    expect(toHex(bytes)).toBe(`0120${'01'.repeat(32)}20${'02'.repeat(32)}20${'03'.repeat(32)}`);
    expect(decodePrivatePackage(bytes)).toEqual(keys);
  });

  test('decoded from a Buffer shares no memory with it: zeroing one leaves the other', () => {
    const buffer = Buffer.from(bytes);
    const decoded = decodePrivatePackage(buffer);
    for (const secret of Object.values(decoded)) secret.fill(0);
    expect(decodePrivatePackage(buffer)).toEqual(keys);
    expect(Object.values(decoded).every((secret) => !(secret instanceof Buffer))).toBe(true);
  });

  test.each([
    ['nothing', ''],
    ['a format of the future', toHex(bytes).replace(/^01/, '02')],
    ['one byte less', toHex(bytes).slice(0, -2)],
    ['one byte more', `${toHex(bytes)}00`],
    ['a key of 31 bytes', `011f${'01'.repeat(31)}20${'02'.repeat(32)}20${'03'.repeat(32)}`],
  ])('is malformed: %s', (_case, hex) => {
    expect(() => decodePrivatePackage(fromHex(hex))).toThrow(MALFORMED);
  });
});

test('a lifetime longer than peers accept is not signed', () => {
  const { notBefore } = sampleRequest();
  const longest = sampleRequest({ notAfter: unixSeconds(notBefore + 7_261_200) });
  expect(() => mls.generateKeyPackage(longest)).not.toThrow();
  const tooLong = sampleRequest({ notAfter: unixSeconds(notBefore + 7_261_201) });
  expect(() => mls.generateKeyPackage(tooLong)).toThrow(RangeError);
});
