import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineCutter, parseLine, toLine } from '../../../src/ipc/framing.ts';

const cutAll = (chunks: readonly Buffer[], maxBytes = 1_000): string[] => {
  const { cut } = lineCutter(maxBytes);
  return chunks.flatMap(cut).map((frame) => (frame.kind === 'line' ? frame.bytes.toString() : '<too long>'));
};

describe('lineCutter', () => {
  it('finds the same lines however the stream is cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 60 }).map((text) => text.replaceAll('\n', ' '))),
        fc.array(fc.nat(), { maxLength: 20 }),
        (lines, cuts) => {
          const stream = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const at = [0, ...cuts.map((cut) => cut % (stream.length + 1)), stream.length].sort(
            (a, b) => a - b,
          );
          const chunks = at.slice(1).map((end, index) => stream.subarray(at[index], end));
          expect(cutAll(chunks)).toEqual(lines);
        },
      ),
    );
  });

  it('keeps the start of a line until its end arrives, and never gives out an unfinished one', () => {
    expect(cutAll([Buffer.from('{"a"'), Buffer.from(':1}\n{"b"')])).toEqual(['{"a":1}']);
  });

  it('tells of a line over the limit once, at once, and goes on with the next line', () => {
    const { cut } = lineCutter(10);
    expect(cut(Buffer.from('x'.repeat(11)))).toEqual([{ kind: 'too_long' }]);
    expect(cut(Buffer.from('x'.repeat(500)))).toEqual([]);
    expect(cut(Buffer.from('xx\nnext\n'))).toEqual([{ kind: 'line', bytes: Buffer.from('next') }]);
  });

  it('lets a line of exactly the limit pass', () => {
    expect(cutAll([Buffer.from('0123456789\n')], 10)).toEqual(['0123456789']);
    expect(cutAll([Buffer.from('0123456789a\n')], 10)).toEqual(['<too long>']);
  });

  it('knows whether a line has begun and not ended, skipped ones included', () => {
    const { cut, unfinished } = lineCutter(5);
    expect(unfinished()).toBe(false);
    for (const [chunk, begun] of [
      ['ab', true],
      ['c\n', false],
      ['d\ne', true],
      ['\n', false],
      ['x'.repeat(9), true],
      ['x', true],
      ['\n', false],
    ] as const) {
      cut(Buffer.from(chunk));
      expect(unfinished()).toBe(begun);
    }
  });

  it('hands out lines that later chunks do not overwrite', () => {
    const { cut } = lineCutter(100);
    const chunk = Buffer.from('first\n');
    const [frame] = cut(chunk);
    chunk.fill('#');
    cut(Buffer.from('other\n'));
    expect(frame).toEqual({ kind: 'line', bytes: Buffer.from('first') });
  });
});

describe('parseLine', () => {
  it.each([
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22])],
    ['an overlong encoding', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['a byte order mark', Buffer.from('\ufeff{}')],
    ['half an object', Buffer.from('{"a":')],
    ['nothing', Buffer.from('')],
  ])('refuses %s', (_what, bytes) => {
    expect(parseLine(bytes)).toBeUndefined();
  });

  it('reads back whatever toLine wrote, on one line', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const line = toLine(value);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(parseLine(Buffer.from(line))).toEqual({ value: JSON.parse(JSON.stringify(value)) });
      }),
    );
  });
});
