import { describe, expect, test } from 'vitest';
import type { KeyPackageFacts } from '../../../src/ports.ts';
import { type ComponentData, encodeDictionary } from '../../../src/protocol/app-data-dictionary.ts';
import { vector } from '../../../src/protocol/bytes.ts';
import { fromHex, mls } from '../mls/samples.ts';
import {
  account,
  at,
  check,
  codesOf,
  makePackage,
  NOW,
  proofOf,
  rust,
  stranger,
  templateOf,
} from './samples.ts';

const made = makePackage();
const { facts } = made;

/** Judges a package that says this of itself, in an event that says the same. */
async function judge(changes: Partial<KeyPackageFacts>, now = NOW) {
  const changed = { ...facts, ...changes };
  const event = account.sign(templateOf({ facts: changed, message: made.message }));
  return codesOf(await check(event, () => changed, now));
}

/** Judges a package that says this, in an event that tells of the unchanged one. */
async function judgeUntold(changes: Partial<KeyPackageFacts>) {
  return codesOf(await check(account.sign(templateOf(made)), () => ({ ...facts, ...changes })));
}

test('the unchanged package is valid', async () => {
  expect(await judge({})).toBe('valid');
  expect(await judgeUntold({})).toBe('valid');
});

test('another MLS version or ciphersuite is not ours', async () => {
  expect(await judgeUntold({ protocolVersion: 2 })).toEqual(['version_unsupported']);
  expect(await judgeUntold({ ciphersuite: 2 })).toEqual(['ciphersuite_unsupported']);
});

describe('signatures', () => {
  test('a package whose last byte was changed has no valid signature, by the real check', async () => {
    const message = made.message.slice();
    message[message.length - 1] = (message.at(-1) as number) ^ 1;
    const event = account.sign(templateOf({ facts: mls.readKeyPackage(message), message }));
    expect(codesOf(await check(event))).toEqual(['key_package_signature_invalid']);
  });

  test('a leaf signed by nobody is told apart from a package signed by nobody', async () => {
    expect(await judge({ leafSignatureValid: false })).toEqual(['leaf_signature_invalid']);
    expect(await judge({ keyPackageSignatureValid: false })).toEqual(['key_package_signature_invalid']);
  });
});

describe('the credential', () => {
  test.each([
    ['is not basic', undefined],
    ['is a key as text', new TextEncoder().encode(account.publicKey)],
    ['is no point of the curve', new Uint8Array(32).fill(0xff)],
  ])('that %s is invalid', async (_, identity) => {
    expect(await judge({ identity })).toEqual(['credential_invalid']);
  });

  test('of another account than the event is a mismatch, proven or not', async () => {
    const theirs = makePackage({ owner: stranger });
    expect(codesOf(await check(account.sign(templateOf(theirs))))).toEqual(['author_mismatch']);
  });
});

describe('the lifetime', () => {
  const lasting = (notBefore: number, notAfter: number) => ({
    lifetime: { notBefore: BigInt(notBefore), notAfter: BigInt(notAfter) },
  });

  test('missing is told as such', async () => {
    expect(await judge({ lifetime: undefined })).toEqual(['lifetime_missing']);
  });

  test('is current from its first second to the one before its last', async () => {
    expect(await judge(lasting(NOW, NOW + 1))).toBe('valid');
    expect(await judge(lasting(NOW + 1, NOW + 2))).toEqual(['lifetime_not_current']);
    expect(await judge(lasting(NOW - 1, NOW))).toEqual(['lifetime_not_current']);
    expect(await judge(lasting(NOW + 1, NOW - 1))).toEqual(['lifetime_not_current']);
  });

  test.each(rust.lifetime_cases)('of $range_seconds s is accepted: $accepted', async (given) => {
    const verdict = await judge(lasting(NOW - 10, NOW - 10 + given.range_seconds));
    expect(verdict).toEqual(given.accepted ? 'valid' : ['lifetime_too_long']);
  });

  test('without end does not overflow', async () => {
    const lifetime = { notBefore: 0n, notAfter: 2n ** 64n - 1n };
    expect(await judge({ lifetime })).toEqual(['lifetime_too_long']);
  });

  test('is judged at the moment asked about', async () => {
    expect(await judge({}, at(NOW + 7_261_200))).toEqual(['lifetime_not_current']);
  });
});

describe('the account proof', () => {
  const components = { id: 0x0001, data: fromHex('0400018009') };
  const proof = { id: 0x8009, data: proofOf(account, facts.signatureKey) };
  const raw = (...entries: ComponentData[]) => {
    const parts = entries.flatMap(({ id, data }) => [Uint8Array.of(id >> 8, id & 0xff), vector(data)]);
    return { type: 0x0006, data: vector(...parts) };
  };

  test('in a leaf with nothing else is enough', async () => {
    expect(await judge({ leafExtensions: [raw(components, proof)] })).toBe('valid');
  });

  test('missing is told as such', async () => {
    expect(await judge({ leafExtensions: [raw(components)] })).toEqual(['proof_missing']);
  });

  test('missing together with the whole dictionary leaves nothing to compare the tag with', async () => {
    expect(await judgeUntold({ leafExtensions: [] })).toEqual(['proof_missing', 'list_mismatch']);
  });

  test('there twice is told as such, in one dictionary or two', async () => {
    expect(await judge({ leafExtensions: [raw(components, proof, proof)] })).toEqual(['proof_repeated']);
    const two = [raw(components, proof), raw(proof)];
    expect(await judge({ leafExtensions: two })).toEqual(['proof_repeated']);
  });

  test.each([
    ['is cut short', proof.data.subarray(1)],
    ['is of another account', proofOf(stranger, facts.signatureKey)],
    ['is for another leaf key', proofOf(account, new Uint8Array(32))],
    ['is unsigned', new Uint8Array([...proof.data.subarray(0, 40), ...new Uint8Array(64)])],
  ])('that %s is invalid', async (_, data) => {
    expect(await judge({ leafExtensions: [raw(components, { ...proof, data })] })).toEqual(['proof_invalid']);
  });

  test('in a dictionary out of order is not looked at', async () => {
    expect(await judge({ leafExtensions: [raw(proof, components)] })).toEqual(['dictionary_malformed']);
  });

  test.each([
    ['bytes left over', { type: 0x0006, data: fromHex('0000') }],
    ['an undecodable list of components', raw({ ...components, data: fromHex('03') }, proof)],
  ])('in a dictionary with %s is not found', async (_, extension) => {
    expect(await judgeUntold({ leafExtensions: [extension] })).toEqual(['dictionary_malformed']);
  });
});

test.each([
  ['undecodable', fromHex('04000400')],
  ['out of order', fromHex('06000500000400')],
])('an %s KeyPackage dictionary is malformed: nobody knows what kind of package it is', async (_, data) => {
  expect(await judge({ keyPackageExtensions: [{ type: 0x0006, data }] })).toEqual(['dictionary_malformed']);
});

test('other KeyPackage extensions and components do not make it a last-resort package', async () => {
  const other = { type: 0x0006, data: encodeDictionary([{ id: 0x0005, data: new Uint8Array() }]) };
  const changed = { ...facts, keyPackageExtensions: [{ type: 0x0a0a, data: new Uint8Array() }, other] };
  const result = await check(account.sign(templateOf(made)), () => changed);
  expect(result).toMatchObject({ ok: true, kind: 'standard' });
});

describe('ids that every client knows', () => {
  const listing = (extensions: readonly number[], proposals: readonly number[]) => ({
    capabilities: { ...facts.capabilities, extensions, proposals },
  });

  test.each([1, 2, 3, 4, 5])('extension %i must not be listed', async (id) => {
    expect(await judge(listing([id, 0x0006], [0x0008]))).toEqual(['default_ids_listed']);
  });

  test.each([1, 2, 3, 4, 5, 6, 7])('proposal %i must not be listed', async (id) => {
    expect(await judge(listing([0x0006], [id, 0x0008]))).toEqual(['default_ids_listed']);
  });

  test('unknown ids and GREASE may be', async () => {
    expect(await judge(listing([0x0006, 0x0a0a, 0xf000], [0x0008, 0x0a0a]))).toBe('valid');
  });
});
