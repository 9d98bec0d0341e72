import { describe, expect, it } from 'vitest';
import { counted, printable, spaced, when, whenever } from '../../../src/cli/words.ts';
import { NOW } from '../../support/rpc/samples.ts';

describe('when', () => {
  it.each([
    [0, 'now'],
    [-1, '1 s ago'],
    [-5 * 3_600, '5 h ago'],
    [83 * 86_400, 'in 83 d'],
    [90, 'in 90 s'],
    [-200 * 60, '3 h ago'],
  ])('says %i s from now as a person would: %s', (offset, words) => {
    expect(when(NOW + offset, NOW)).toBe(words);
  });

  it('has a dash for what is not known', () => {
    expect(whenever(undefined, NOW)).toBe('-');
  });
});

it('names and numbers read as English', () => {
  expect([counted(1, 'package'), counted(0, 'package'), spaced('last_resort')]).toEqual([
    '1 package',
    '0 packages',
    'last resort',
  ]);
});

describe('printable', () => {
  it('disarms what moves the cursor, paints, rings or turns the reading direction, however deep it is', () => {
    const hostile = { relays: [{ detail: '\u001b[2Jgone\u0007 \u009b31m \u202egnp.exe\nnext' }] };
    expect(printable(hostile)).toEqual({
      relays: [{ detail: '\ufffd[2Jgone\ufffd \ufffd31m \ufffdgnp.exe\ufffdnext' }],
    });
  });

  it('leaves everything else as it is', () => {
    const value = { text: 'žluťoučký 密 🔑', count: 1, none: null, yes: true };
    expect(printable(value)).toEqual(value);
  });
});
