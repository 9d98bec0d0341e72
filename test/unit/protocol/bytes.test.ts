import { describe, expect, test } from 'vitest';
import {
  base64Decode,
  base64Encode,
  decodeExactly,
  ifWellFormed,
  uint16,
  uint32,
  uint64,
  vector,
} from '../../../src/protocol/bytes.ts';
import { fromHex, MALFORMED, toHex } from '../mls/samples.ts';

const readVector = (hex: string): Uint8Array => decodeExactly(fromHex(hex), (reader) => reader.vector());

describe('vector lengths', () => {
  test.each([
    [0, '00'],
    [63, '3f'],
    [64, '4040'],
    [16_383, '7fff'],
    [16_384, '80004000'],
  ])('%i bytes have the length %s and are read back', (length, head) => {
    const content = new Uint8Array(length).fill(7);
    const written = vector(content);
    expect(toHex(written.subarray(0, head.length / 2))).toBe(head);
    expect(readVector(toHex(written))).toEqual(content);
  });

  test.each([
    ['one byte written as two', `4001${'aa'}`],
    ['63 bytes written as two', `403f${'aa'.repeat(63)}`],
    ['64 bytes written as four', `80000040${'aa'.repeat(64)}`],
    ['the eight-byte form', `c000000000000001${'aa'}`],
    ['more than there is', '02aa'],
    ['a length cut short', '80'],
    ['a byte left over', '01aabb'],
    ['nothing at all', ''],
  ])('%s is malformed', (_, hex) => {
    expect(() => readVector(hex)).toThrow(MALFORMED);
  });

  test('several parts share one length', () => {
    expect(toHex(vector(uint16(1), uint16(0x8001)))).toBe('0400018001');
  });
});

describe('reading', () => {
  test('integers are big-endian and as wide as their names', () => {
    const written = [Uint8Array.of(1), uint16(0x0203), uint32(0x84050607), uint64(0x8000000000000001n)];
    const bytes = fromHex(written.map(toHex).join(''));
    const read = decodeExactly(bytes, (reader) => [
      reader.uint8(),
      reader.uint16(),
      reader.uint32(),
      reader.uint64(),
    ]);
    expect(read).toEqual([1, 0x0203, 0x84050607, 0x8000000000000001n]);
  });

  test('a list that ends inside an item is malformed', () => {
    const readList = (hex: string) =>
      decodeExactly(fromHex(hex), (reader) => reader.list((item) => item.uint16()));
    expect(readList('0400018001')).toEqual([1, 0x8001]);
    expect(() => readList('03000180')).toThrow(MALFORMED);
  });

  test('what is read is a copy: changing it leaves the source alone', () => {
    const source = fromHex('02aabb');
    decodeExactly(source, (reader) => reader.vector()).fill(0);
    expect(toHex(source)).toBe('02aabb');
  });

  test('only malformed input reads as undefined, a fault of ours is thrown', () => {
    expect(ifWellFormed(() => readVector('01'))).toBeUndefined();
    const fault = new TypeError('ours');
    expect(() =>
      ifWellFormed(() => {
        throw fault;
      }),
    ).toThrow(fault);
  });
});

describe('base64', () => {
  test.each([
    ['', ''],
    ['00', 'AA=='],
    ['fbff', '+/8='],
    ['000100', 'AAEA'],
  ])('%s is written as "%s" and read back', (hex, text) => {
    expect(base64Encode(fromHex(hex))).toBe(text);
    expect(toHex(base64Decode(text))).toBe(hex);
  });

  test.each([
    ['missing padding', 'AA'],
    ['white space', 'AA==\n'],
    ['white space within', 'AA EA'],
    ['the URL alphabet', '-_8='],
    ['stray bits', 'AB=='],
    ['padding twice', 'AA==AA=='],
    ['other characters', 'ÄÄÄÄ'],
  ])('%s is malformed', (_, text) => {
    expect(() => base64Decode(text)).toThrow(MALFORMED);
  });
});

test('what is read from a Buffer stays what it was when the Buffer is written over', () => {
  const buffer = Buffer.from([1, 7, 2, 8, 9]);
  const [first, list] = decodeExactly(buffer, (reader) => [
    reader.vector(),
    reader.list((item) => item.bytes(1)),
  ]);
  buffer.fill(0);
  expect({ first, list }).toEqual({ first: Uint8Array.of(7), list: [Uint8Array.of(8), Uint8Array.of(9)] });
});
