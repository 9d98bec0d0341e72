import { describe, expect, test } from 'vitest';
import { uint16, vector } from '../../../src/protocol/bytes.ts';
import {
  keyPackageKind,
  lastResortExtension,
  leafExtension,
  MAX_LIFETIME_SEC,
  supportedComponents,
} from '../../../src/protocol/key-package-content.ts';
import { fromHex, mls, toHex } from '../mls/samples.ts';
import { makePackage, rust } from './samples.ts';

/** As RFC 9420 section 7.2 writes an extension. */
const encoded = ({ type, data }: { type: number; data: Uint8Array }): string =>
  toHex(uint16(type)) + toHex(vector(data));

describe('our own content', () => {
  test('a last-resort package is marked by the seven bytes of the specification', () => {
    expect(encoded(lastResortExtension())).toBe('00060403000400');
  });

  test('the leaf dictionary is the bytes of the specification around the account proof', () => {
    const proof = new Uint8Array(104).fill(0xab);
    const expected = [
      '0006 408c 408a',
      '0001 17 16 0001 8001 8002 8003 8004 8005 8006 8007 8009 800b 800c',
      '0002 01 00',
      `8009 4068 ${toHex(proof)}`,
    ];
    expect(encoded(leafExtension(proof))).toBe(expected.join('').replaceAll(' ', ''));
  });

  test('a lifetime spans at most 84 days and an hour', () => {
    expect(MAX_LIFETIME_SEC).toBe(7_261_200);
  });
});

describe('reading', () => {
  const facts = mls.readKeyPackage(fromHex(rust.mls_message));

  test('the package of the Rust implementation is a last-resort one and supports what its vector says', () => {
    expect(keyPackageKind(facts)).toBe('last_resort');
    expect(supportedComponents(facts)).toEqual(rust.app_components);
  });

  test('a standard package has no extension of its own, a last-resort one has the mark', () => {
    expect(makePackage().facts.keyPackageExtensions).toEqual([]);
    expect(keyPackageKind(makePackage().facts)).toBe('standard');
    expect(keyPackageKind(makePackage({ lastResort: true }).facts)).toBe('last_resort');
  });

  test('a leaf that says nothing supports nothing', () => {
    expect(supportedComponents({ leafExtensions: [] })).toEqual([]);
  });
});
