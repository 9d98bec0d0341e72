import pc from 'picocolors';
import { expect, it } from 'vitest';
import { facts, heads, table } from '../../../src/cli/table.ts';

const plain = pc.createColors(false);
const colourful = pc.createColors(true);

it('lines up columns, painted or not, and leaves no blanks at the end of a line', () => {
  const rows = (paint: typeof plain) => [
    [paint.green('one'), '1', ''],
    [paint.red('three'), '333', 'note'],
  ];
  expect(table(rows(plain), heads(plain, 'NAME', 'NO', 'NOTE'))).toBe(
    ['NAME   NO   NOTE', 'one    1', 'three  333  note', ''].join('\n'),
  );
  const painted = table(rows(colourful));
  expect(painted).toContain('\u001b[32mone\u001b[39m    1');
});

it('wraps the last column so that no line is longer than 80', () => {
  const lines = table([['label', 'word '.repeat(50)]]).split('\n');
  expect(lines.length).toBeGreaterThan(3);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines[1]).toMatch(/^ {7}word/);
});

it('cuts an endless column off rather than breaking the table', () => {
  const [line] = table([[`wss://${'x'.repeat(200)}`, 'connected', '']]).split('\n');
  expect(line).toMatch(/^wss:\/\/x+… {2}connected$/);
  expect(line?.length).toBeLessThanOrEqual(80);
});

it('is nothing when there is nothing', () => {
  expect(table([])).toBe('');
  expect(table([], ['NAME'])).toBe('');
});

it('states facts one a line', () => {
  expect(
    facts(plain, [
      ['Account', 'npub1'],
      ['Signer', 'local'],
    ]),
  ).toBe('Account  npub1\nSigner   local\n');
});
