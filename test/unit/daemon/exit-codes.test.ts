import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { EXIT_CODES, EXIT_MEANINGS, EXIT_SOFTWARE } from '../../../src/daemon/exit-codes.ts';

/** What may be otherwise at the next start, without a person. */
const PASSING = ['already_running', 'disk_full', 'store_unavailable'];
/** `dialogd init` alone ends with these. */
const OF_INIT = ['identity_exists'];

const lasting = Object.entries(EXIT_CODES)
  .filter(([code]) => !PASSING.includes(code) && !OF_INIT.includes(code))
  .map(([, exitCode]) => exitCode);

test.each(['dialogd.service', 'dialogd@.service'])(
  '%s is not tried again after what a person has to mend, and after nothing else',
  async (unit) => {
    const text = await readFile(new URL(`../../../systemd/${unit}`, import.meta.url), 'utf8');
    const [, codes = ''] = /^RestartPreventExitStatus=(.*)$/m.exec(text) ?? [];
    expect(codes.split(' ').map(Number)).toEqual([...new Set(lasting)].sort((a, b) => a - b));
    expect(lasting).not.toContain(EXIT_SOFTWARE);
    expect(text).toMatch(/^Restart=on-failure$/m);
  },
);

test('docs/operations.md has every exit code with its meaning, and a star at what a person has to mend', async () => {
  const text = await readFile(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| (\d+)( \*)? \| (.*) \|$/gm)];
  const told = rows.map(([, code, star, meaning]) => [
    code,
    star !== undefined,
    meaning?.replaceAll('`', ''),
  ]);
  const known = Object.entries(EXIT_MEANINGS);
  expect(told).toEqual(known.map(([code, meaning]) => [code, lasting.includes(Number(code)), meaning]));
});
