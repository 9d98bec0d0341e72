import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellsOf, cut, fill, lineOf } from '../../../src/cli/cells.ts';

describe('cellsOf', () => {
  it.each([
    ['plain', 5],
    ['žluť', 4],
    ['z\u030cluty\u0301', 5],
    ['密钥', 4],
    ['ｗｉｄｅ', 8],
    ['한국', 4],
    ['🔑', 2],
    ['👩‍👩‍👧', 2],
    ['❤️', 2],
    ['#', 1],
    ['\ufffd', 1],
    ['', 0],
  ])('%j takes %i', (text, cells) => {
    expect(cellsOf(text)).toBe(cells);
  });
});

describe('cut', () => {
  it.each([
    ['fits', 4, 'fits'],
    ['does not', 4, 'doe…'],
    ['密钥密钥', 8, '密钥密钥'],
    ['密钥密钥', 6, '密钥…'],
    ['密钥密钥', 4, '密…'],
    ['ab🔑', 3, 'ab…'],
    ['long', 1, '…'],
    ['long', 0, ''],
  ])('%j in %i cells is %j', (text, cells, expected) => {
    expect(cut(text, cells)).toBe(expected);
  });

  it('a grapheme of a million marks is not looked at as a whole', () => {
    expect(cut(`a${'\u0301'.repeat(1_000_000)}`, 10).length).toBeLessThan(1_000);
  });
});

it('whatever is written, a line has exactly the cells it is given', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 4 }), fc.integer({ min: 0, max: 60 }), (texts, cells) => {
      const line = lineOf(
        texts.map((one) => [one]),
        cells,
      );
      // Two texts may join to one grapheme; each was given its own cells.
      const alone = texts.length < 2 ? cellsOf(line) : cells;
      expect(alone).toBe(cells);
      for (const one of texts) expect(cellsOf(fill(one, cells))).toBe(cells);
    }),
  );
});

it('paint goes around what is left of a text, and around nothing when nothing is', () => {
  const paint = (text: string): string => `<${text}>`;
  expect(
    lineOf(
      [
        ['abc', paint],
        ['def', paint],
        ['ghi', paint],
      ],
      5,
    ),
  ).toBe('<abc><d…>');
});
