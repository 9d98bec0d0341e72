import { expect, it } from 'vitest';
import { examples, examplesHelp } from '../../../src/cli/examples.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { runCli } from '../../support/rpc/cli.ts';

const all = Object.entries(examples).flatMap(([name, some]) => some.map(({ line }) => [line, name] as const));

it.each(all)('%s is understood', async (line, name) => {
  const chosen: string[] = [];
  const program = createProgram({ out: () => {}, err: () => {} }, async (command) => {
    chosen.push(command);
  });
  const words = line.replace(/ [<>] .*/, '').split(' ');
  expect(words.shift()).toBe('dialogctl');
  await program.parseAsync(words, { from: 'user' });
  expect(chosen).toEqual([name]);
});

it.each(Object.keys(examples))('the help of %s ends with its examples', async (name) => {
  const { out, code } = await runCli([...name.split(' '), '--help']);
  expect(code).toBe(0);
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(out.trimEnd().endsWith(examplesHelp(name).trimEnd())).toBe(true);
});

it('the help has every command under a heading, and says how to begin', async () => {
  const { out } = await runCli(['--help']);
  const [, more = ''] = out.split(/^More:$/m);
  const names = more
    .trim()
    .split('\n\n')[0]
    ?.split('\n')
    .map((line) => line.trim().split(' ')[0]);
  expect(names).toEqual(['completion', 'help']);
  const headings = out.split('\n').filter((line) => /^[SL][a-z ]+:$/.test(line));
  expect(headings).toEqual(['Set up:', 'See how it is:', 'Look after it:']);
  expect(out).toContain('To begin: dialogctl init');
});
