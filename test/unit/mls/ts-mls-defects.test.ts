/**
 * What ts-mls does and our functions must not. Each test shows the library's behaviour, then our guard: if the
 * first half fails, a newer version has made the guard unnecessary; if the second does, the guard is gone.
 */
import { readFileSync } from 'node:fs';
import { decodeMlsMessage, defaultCapabilities, defaultLifetime, generateKeyPackage } from 'ts-mls';
import { verifyKeyPackage } from 'ts-mls/keyPackage.js';
import { expect, test } from 'vitest';
import { encodeKeyPackageMessage } from '../../../src/mls/messages/key-package-message.ts';
import { LEAF_CAPABILITIES, MAX_LIFETIME_SEC } from '../../../src/protocol/key-package-content.ts';
import { judgeKeyPackage } from '../../../src/protocol/key-package-rules.ts';
import { ownProvider } from './providers.ts';
import { fromHex, MALFORMED, mls, sampleRequest, toHex } from './samples.ts';

const request = sampleRequest();
const { message } = mls.generateKeyPackage(request);
/** The message with one place written differently. */
const rewritten = (pattern: RegExp, replacement: string): Uint8Array =>
  fromHex(toHex(message).replace(pattern, replacement));

/** A package made with nothing but the library's defaults, as its examples make one. */
const byDefault = await generateKeyPackage(
  { credentialType: 'basic', identity: fromHex(request.account) },
  defaultCapabilities(),
  defaultLifetime,
  [],
  ownProvider,
);
const defaultFacts = mls.readKeyPackage(encodeKeyPackageMessage(byDefault.publicPackage));

test('decoding accepts bytes behind the message; ours does not', () => {
  const longer = fromHex(`${toHex(message)}00`);
  expect(decodeMlsMessage(longer, 0)).toBeDefined();
  expect(() => mls.readKeyPackage(longer)).toThrow(MALFORMED);
});

test('decoding accepts lengths that are not in their shortest form; ours does not', () => {
  const padded = rewritten(/^(0001000500010001)20/, '$14020');
  expect(decodeMlsMessage(padded, 0)).toBeDefined();
  expect(() => mls.readKeyPackage(padded)).toThrow(MALFORMED);
});

test('decoding throws a TypeError at a credential type it does not know; ours says malformed', () => {
  const unknown = rewritten(/0001(20[0-9a-f]{64}020001)/, '0a0a$1');
  expect(() => decodeMlsMessage(unknown, 0)).toThrow(TypeError);
  expect(() => mls.readKeyPackage(unknown)).toThrow(MALFORMED);
});

test('decoding refuses a leaf that lists a protocol version of the future; ours reads it', () => {
  const newer = rewritten(/020001(020001040006f2d1)/, '0400010002$1');
  expect(decodeMlsMessage(newer, 0)).toBeUndefined();
  expect(mls.readKeyPackage(newer).capabilities.versions).toEqual([1, 2]);
});

test('the default lifetime is infinite, and nothing minds; ours is what was asked for', async () => {
  expect(await verifyKeyPackage(byDefault.publicPackage, ownProvider.signature)).toBe(true);
  const { notBefore, notAfter } = byDefault.publicPackage.leafNode.lifetime;
  expect(notAfter - notBefore).toBeGreaterThan(MAX_LIFETIME_SEC);
  expect(mls.readKeyPackage(message).lifetime).toEqual({
    notBefore: BigInt(request.notBefore),
    notAfter: BigInt(request.notAfter),
  });
});

test('a lifetime of any length passes; our rules name it', () => {
  const problems = judgeKeyPackage({
    facts: defaultFacts,
    tags: {
      slot: undefined,
      ref: undefined,
      problems: [],
      lists: { mls_extensions: undefined, mls_proposals: undefined, app_components: undefined },
    },
    author: request.account,
    now: request.notBefore,
    verifySignature: () => true,
  });
  expect(problems.map(({ code }) => code)).toContain('lifetime_too_long');
});

test('the default capabilities carry GREASE and suites that the profile does not have; ours do not', () => {
  const isGrease = (id: number): boolean => (id & 0x0f0f) === 0x0a0a && id >> 8 === (id & 0xff);
  // Which of the 15 values it lists is left to Math.random.
  const drawn = Array.from({ length: 100 }, () => defaultCapabilities().extensions).flat();
  expect(drawn.some(isGrease)).toBe(true);
  expect(defaultFacts.capabilities.ciphersuites.length).toBeGreaterThan(1);
  expect(mls.readKeyPackage(message).capabilities).toEqual(LEAF_CAPABILITIES);
});

test('@noble/hashes is imported and not declared; we declare it', () => {
  const file = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
  const library = JSON.parse(file('node_modules/ts-mls/package.json'));
  expect({ ...library.dependencies, ...library.peerDependencies }).not.toHaveProperty('@noble/hashes');
  const importer = 'node_modules/ts-mls/dist/src/crypto/implementation/noble/makeHashImpl.js';
  expect(file(importer)).toContain('from "@noble/hashes/');
  expect(JSON.parse(file('package.json')).dependencies['@noble/hashes']).toMatch(/^2\./);
});
