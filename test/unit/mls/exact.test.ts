import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { decodeVarLenData, varLenDataEncoder } from 'ts-mls/codec/variableLength.js';
import { describe, expect, test } from 'vitest';
import { decodeExact, type ExactCodec } from '../../../src/mls/messages/exact.ts';
import { fromHex, MALFORMED, toHex } from './samples.ts';

const VECTOR: ExactCodec<Uint8Array> = {
  name: 'a vector',
  decode: decodeVarLenData,
  encode: encode(varLenDataEncoder),
  limitBytes: 8,
};
const failing = (decode: ExactCodec<Uint8Array>['decode']): ExactCodec<Uint8Array> => ({ ...VECTOR, decode });

describe('exact decoding with a codec of the library', () => {
  test('gives the structure that all of the bytes are', () => {
    expect(toHex(decodeExact(VECTOR, fromHex('03010203')))).toBe('010203');
  });

  test('gives bytes that are plain and shared with nobody', () => {
    const input = Buffer.from('03010203', 'hex');
    const decoded = decodeExact(VECTOR, input);
    input.fill(0);
    expect(toHex(decoded)).toBe('010203');
    expect(decoded).not.toBeInstanceOf(Buffer);
  });

  test.each([
    ['bytes behind it', VECTOR, '0301020300', '1 bytes follow it'],
    ['a length not in its shortest form', VECTOR, '4003010203', 'not in its canonical form'],
    ['a premature end, for which the library throws', VECTOR, '030102', 'exceeds buffer'],
    ['more bytes than the limit', VECTOR, '080102030405060708', 'at most 8'],
    ['what the library cannot name', failing(() => undefined), '00', 'cut short'],
    [
      'what the library stumbles over',
      failing(() => {
        throw new TypeError('decoderU is not a function');
      }),
      '00',
      'not a function',
    ],
  ])('is malformed: %s', (_case, codec, hex, why) => {
    const decode = (): Uint8Array => decodeExact(codec, fromHex(hex));
    expect(decode).toThrow(MALFORMED);
    expect(decode).toThrow(why);
  });
});
