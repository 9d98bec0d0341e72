import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeKeyPackageMessage,
  encodeKeyPackageMessage,
} from '../../src/mls/messages/key-package-message.ts';
import { decodePrivatePackage, encodePrivatePackage } from '../../src/mls/messages/private-package.ts';
import { decodedOrMalformed, FUZZ, FUZZ_TIMEOUT_MS, mutated } from '../unit/mls/fuzz.ts';
import { fromHex, mls, rustKeyPackage, sampleRequest, toHex } from '../unit/mls/samples.ts';

const made = [false, true].map((lastResort) => mls.generateKeyPackage(sampleRequest({ lastResort })));
const messages = [...made.map(({ message }) => message), fromHex(rustKeyPackage.mls_message)];
const isValid = (bytes: Uint8Array): boolean => messages.some((message) => toHex(message) === toHex(bytes));

const noise = fc.uint8Array({ maxLength: 1_000 });
/** Noise that gets past the first checks. */
const headed = fc.uint8Array({ maxLength: 500 }).map((rest) => fromHex(`0001000500010001${toHex(rest)}`));

describe('a KeyPackage message of any bytes', () => {
  test('is read or malformed, and what is read is written the same', { timeout: FUZZ_TIMEOUT_MS }, () => {
    fc.assert(
      fc.property(fc.oneof(noise, headed, { weight: 4, arbitrary: mutated(...messages) }), (bytes) => {
        const keyPackage = decodedOrMalformed(decodeKeyPackageMessage, bytes);
        if (keyPackage !== undefined) expect(encodeKeyPackageMessage(keyPackage)).toEqual(bytes);
      }),
      FUZZ,
    );
  });

  test('is never authentic once it was changed', { timeout: FUZZ_TIMEOUT_MS }, () => {
    fc.assert(
      fc.property(mutated(...messages), (bytes) => {
        const facts = decodedOrMalformed(mls.readKeyPackage, bytes);
        if (facts?.keyPackageSignatureValid) expect(isValid(bytes)).toBe(true);
      }),
      FUZZ,
    );
  });
});

test('a private half of any bytes is read or malformed', { timeout: FUZZ_TIMEOUT_MS }, () => {
  const halves = made.map(({ privateBytes }) => privateBytes);
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated(...halves)), (bytes) => {
      const keys = decodedOrMalformed(decodePrivatePackage, bytes);
      if (keys !== undefined) expect(encodePrivatePackage(keys)).toEqual(bytes);
    }),
    FUZZ,
  );
});

test('the longest lists a message has room for are read in bounded time', () => {
  const keyPackage = decodeKeyPackageMessage(messages[0] as Uint8Array);
  const longest = Array.from({ length: 3_900 }, (_, index) => index);
  const capabilities = { ...keyPackage.leafNode.capabilities, extensions: longest, proposals: longest };
  const bytes = encodeKeyPackageMessage({
    ...keyPackage,
    leafNode: { ...keyPackage.leafNode, capabilities },
  });
  expect(decodedOrMalformed(mls.readKeyPackage, bytes)?.capabilities.proposals).toEqual(longest);
});
