import { describe, expect, test } from 'vitest';
import {
  componentOf,
  decodeComponentIds,
  decodeDictionary,
  dictionaryEntries,
  encodeComponentIds,
  encodeDictionary,
  isAscending,
} from '../../../src/protocol/app-data-dictionary.ts';
import { fromHex, MALFORMED, toHex } from '../mls/samples.ts';

describe('a dictionary', () => {
  const entries = [
    { id: 0x0001, data: fromHex('020001') },
    { id: 0x8009, data: fromHex('') },
  ];
  const bytes = '09 0001 03 020001 8009 00'.replaceAll(' ', '');

  test('has one spelling', () => {
    expect(toHex(encodeDictionary(entries))).toBe(bytes);
    expect(decodeDictionary(fromHex(bytes))).toEqual(entries);
  });

  test('tells the data of a component it has, and of no other', () => {
    expect(componentOf(entries, 0x0001)).toEqual(entries[0]?.data);
    expect(componentOf(entries, 0x8009)).toEqual(new Uint8Array());
    expect(componentOf(entries, 0x0002)).toBeUndefined();
  });

  test.each([
    ['a repeated entry', '06 0001 00 0001 00'],
    ['descending entries', '06 8009 00 0001 00'],
    ['a byte left over', '03 0001 00 00'],
    ['an entry cut short', '02 0001'],
    ['data cut short', '04 0001 02 aa'],
    ['nothing', ''],
  ])('with %s is malformed', (_, hex) => {
    expect(() => decodeDictionary(fromHex(hex.replaceAll(' ', '')))).toThrow(MALFORMED);
  });

  test('is not written out of order', () => {
    expect(() => encodeDictionary(entries.toReversed())).toThrow(MALFORMED);
  });

  test('is found among extensions; two of them are one list whose order gives them away', () => {
    const data = encodeDictionary(entries);
    expect(dictionaryEntries([{ type: 0x0005, data: fromHex('ff') }])).toEqual([]);
    const found = dictionaryEntries([
      { type: 0x0006, data },
      { type: 0x0006, data },
    ]);
    expect(found).toEqual([...entries, ...entries]);
    expect(isAscending(found)).toBe(false);
    expect(isAscending(entries)).toBe(true);
  });
});

describe('a list of component ids', () => {
  test('is a length and ascending ids; the empty one is a single zero', () => {
    expect(toHex(encodeComponentIds([0x0001, 0x8001]))).toBe('0400018001');
    expect(toHex(encodeComponentIds([]))).toBe('00');
    expect(decodeComponentIds(fromHex('0400018001'))).toEqual([0x0001, 0x8001]);
  });

  test.each([
    ['a repeated id', '0400010001'],
    ['descending ids', '0480010001'],
    ['half an id', '03000180'],
    ['bytes left over', '02000100'],
  ])('with %s is malformed', (_, hex) => {
    expect(() => decodeComponentIds(fromHex(hex))).toThrow(MALFORMED);
  });
});
