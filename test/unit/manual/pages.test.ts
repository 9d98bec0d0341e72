/** The manual pages, as groff shows them where it is installed. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { exitCodes, healthExitCodes } from '../../../src/cli/exit-codes.ts';
import { createProgram as createDialogctl } from '../../../src/cli/program.ts';
import { EXIT_CODES } from '../../../src/daemon/exit-codes.ts';
import { createProgram as createDialogd } from '../../../src/daemon/program.ts';
import { manualPages } from '../../../src/manual/pages.ts';
import { manualPage } from '../../../src/usage/manual-page.ts';
import { everyCommand, shapeOf } from '../../../src/usage/shape.ts';

const groffInstalled = spawnSync('groff', ['--version']).status === 0;

/** The text of a page without fonts, and what groff had to say about its source. */
function render(source: string): { text: string; warnings: string } {
  const args = ['-man', '-Tutf8', '-ww', '-P-c', '-P-b', '-P-u', '-rLL=200n'];
  const { stdout, stderr } = spawnSync('groff', args, { input: source, encoding: 'utf8' });
  return { text: stdout, warnings: stderr };
}

const pages = {
  'dialogctl.1': {
    program: createDialogctl({ out: () => {}, err: () => {} }, async () => {}),
    codes: [...Object.values(exitCodes), ...Object.values(healthExitCodes)],
  },
  'dialogd.8': {
    program: createDialogd({ run: async () => {}, guards: () => {} }),
    codes: [0, ...Object.values(EXIT_CODES)],
  },
};

describe.each(Object.entries(pages))('%s', (file, { program, codes }) => {
  const source = manualPages().find((page) => page.file === file)?.source ?? '';

  it('is named in package.json, so that npm installs it', () => {
    const { man } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'));
    expect(man).toContain(`dist/man/${file}`);
  });

  it('has every command, every option and every exit code', () => {
    const typed = everyCommand(shapeOf(program)).flatMap(({ command }) =>
      command.name === 'help'
        ? []
        : [
            ...(command.commands.length > 0 ? [] : [`.SS "${command.path} `]),
            ...command.options.flatMap(({ flags }) => flags.map((flag) => `\\fB${flag}\\fR`)),
          ],
    );
    const told = source.replaceAll('\\-', '-').replaceAll(/^(\.SS "[^\\"]+)"/gm, '$1 "');
    expect(typed.length).toBeGreaterThan(15);
    expect(typed.filter((words) => !told.includes(words))).toEqual([]);
    for (const code of codes) expect(source).toContain(`.TP\n\\fB${code}\\fR\n`);
  });

  it.skipIf(!groffInstalled)('is shown without a warning, with its sections in the usual order', () => {
    const { text, warnings } = render(source);
    expect(warnings).toBe('');
    const sections = [
      'NAME',
      'SYNOPSIS',
      'DESCRIPTION',
      'OPTIONS',
      'COMMANDS',
      'EXIT STATUS',
      'FILES',
      'SEE ALSO',
    ];
    expect(
      [...text.matchAll(/^[A-Z][A-Z ]+$/gm)].map(String).filter((one) => sections.includes(one)),
    ).toEqual(sections);
  });
});

it.skipIf(!groffInstalled)('a text full of what roff takes for its own is shown as it is written', () => {
  const hostile = `.SH it's "A\\fBb\\n(.x" -- \`c\` ^d ~e`;
  const program = new Command('ship').description(hostile);
  program.command('turn').description(hostile).option('--to <side>', hostile);
  const facts = {
    section: 1,
    version: '1',
    description: [hostile, `'br\n.br`],
    examples: () => [{ line: `.ship 'turn' \\ "x"`, purpose: hostile }],
    exitStatus: [],
    environment: [],
    files: [],
    seeAlso: ['ship(1)'],
  } as const;
  const { text, warnings } = render(manualPage(shapeOf(program), facts));
  expect(warnings).toBe('');
  expect(text.split(hostile)).toHaveLength(7);
  expect(text).toContain(`.ship 'turn' \\ "x"`);
  expect(text).toContain(`'br .br`);
});
