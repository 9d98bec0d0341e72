/** Completion of command lines, in the shells that are here. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram as createDialogctl } from '../../../src/cli/program.ts';
import { createProgram as createDialogd } from '../../../src/daemon/program.ts';
import { completionScript, shells } from '../../../src/usage/completion.ts';
import { everyCommand, shapeOf } from '../../../src/usage/shape.ts';
import { runCli } from '../../support/rpc/cli.ts';
import { tempDirectory } from '../../support/rpc/server.ts';
import { installed, offered } from '../../support/shells.ts';

/** Every character that one of the shells could take for its own. */
const HOSTILE = `it's "here": [$(touch pwned)] \`touch pwned\` {a,b} $HOME \\ %d; touch pwned #`;

/** A small program with everything that a command can have. */
function ship() {
  const program = new Command('ship').description(HOSTILE).version('1');
  program.option('--chart <file>', HOSTILE).option('--port <dir>', HOSTILE);
  program.addOption(new Option('-s, --sail <kind>', HOSTILE).choices(['lug', 'gaff']));
  const cargo = program.command('cargo').description(HOSTILE);
  cargo.command('load').description(HOSTILE).option('--crate <name...>', HOSTILE).option('--dry', HOSTILE);
  cargo.command('list').description(HOSTILE).option('--all', HOSTILE);
  program.command('turn').addArgument(new Argument('<side>', HOSTILE).choices(['port', 'starboard']));
  program.command('log').argument('<file>', HOSTILE);
  return shapeOf(program);
}

async function harbour(): Promise<string> {
  const directory = await tempDirectory();
  writeFileSync(join(directory, 'chart.txt'), '');
  mkdirSync(join(directory, 'docks'));
  return directory;
}

/** Fish and zsh show the sign of a directory, bash adds it later. */
const bare = (words: readonly string[]): string[] =>
  words.map((word) => word.replace(/\/$/, '')).filter((word) => !word.startsWith('.'));

const everywhere = ['--chart', '--help', '--port', '--sail', '--version'];

describe.each(shells)('%s', (shell) => {
  describe.skipIf(!installed(shell))('is here and', () => {
    it.each([
      ['the commands', 'ship ', ['cargo', 'help', 'log', 'turn']],
      ['those that begin so', 'ship c', ['cargo']],
      ['what is below a command', 'ship cargo ', ['list', 'load']],
      [
        'the same behind an option whose value is named like a command',
        'ship --port log cargo ',
        ['list', 'load'],
      ],
      ['the options of a command and those of the program', 'ship cargo list --', ['--all', ...everywhere]],
      ['the options of the program', 'ship --', everywhere],
      ['the choices of an option', 'ship --sail ', ['gaff', 'lug']],
      ['the choices of a short option', 'ship turn -s g', ['gaff']],
      ['the choices of an operand', 'ship turn ', ['port', 'starboard']],
      ['the commands there is help for', 'ship help ', ['cargo', 'log', 'turn']],
      ['files for an option', 'ship --chart ', ['chart.txt', 'docks']],
      ['files for an operand', 'ship log ch', ['chart.txt']],
      ['directories for an option', 'ship --port d', ['docks']],
      ['nothing where only the user knows', 'ship cargo load --crate ', []],
    ])('offers %s: %j', async (_what, line, expected) => {
      const directory = await harbour();
      const words = offered(shell, completionScript(shell, ship()), line, directory);
      expect(bare(words)).toEqual([...expected].sort());
      expect(existsSync(join(directory, 'pwned'))).toBe(false);
    });

    it('reads the script for dialogctl without complaint, and starts nothing', async () => {
      const { out } = await runCli(['completion', shell]);
      expect(out).not.toMatch(/\$\(dialogctl|`dialogctl/);
      const words = offered(shell, out, 'dialogctl keys ', await harbour());
      expect(words).toEqual(['explain', 'list', 'refresh']);
    });
  });

  it.each([
    ['dialogctl', createDialogctl({ out: () => {}, err: () => {} }, async () => {}), 30],
    ['dialogd', createDialogd({ run: async () => {}, guards: () => {} }), 15],
  ])('has every command, option and choice of %s', (_name, definitions, least) => {
    const program = shapeOf(definitions);
    const words = everyCommand(program).flatMap(({ command, options }) => [
      command.name,
      ...options.flatMap(({ flags, value }) => [
        ...flags.map((flag) => (shell === 'fish' ? flag.replace(/^-+/, '') : flag)),
        ...(value?.offer.kind === 'words' ? value.offer.words : []),
      ]),
    ]);
    const typed = new Set(completionScript(shell, program).split(/[^\w-]+/));
    expect(new Set(words).size).toBeGreaterThan(least);
    expect([...new Set([...words, ...shells])].filter((word) => !typed.has(word))).toEqual([]);
  });
});

describe.skipIf(!installed('bash'))('bash, which takes --option=value apart', () => {
  it.each([
    ['ship --sail=', ['gaff', 'lug']],
    ['ship --sail=g', ['gaff']],
    ['ship --port=x cargo ', ['list', 'load']],
  ])('offers the right words for %j', async (line, expected) => {
    expect(offered('bash', completionScript('bash', ship()), line, await harbour())).toEqual(expected);
  });

  it('keeps names with spaces and stars whole', async () => {
    const directory = await harbour();
    for (const name of ['odd name', '*']) writeFileSync(join(directory, name), '');
    const words = offered('bash', completionScript('bash', ship()), 'ship log ', directory);
    expect(bare(words)).toEqual(['*', 'chart.txt', 'docks', 'odd name']);
  });
});

it.skipIf(!installed('fish'))('fish shows descriptions as they are written', async () => {
  const script = join(await harbour(), 'ship.fish');
  writeFileSync(script, completionScript('fish', ship()));
  const shown = execFileSync('fish', ['--no-config', '-c', `source ${script}; complete -C 'ship ca'`]);
  expect(String(shown)).toBe(`cargo\t${HOSTILE}\n`);
});

it('a name that a shell would not take for a word is refused', () => {
  expect(() => shapeOf(new Command('ship').addCommand(new Command('a b')))).toThrow('for more than a word');
});

it.each(['completion', 'completion csh'])('%s ends with 2 and names the shells there are', async (line) => {
  const { code, err } = await runCli(line.split(' '));
  expect(code).toBe(2);
  expect(err).toMatch(line === 'completion' ? /missing required argument 'shell'/ : /bash, zsh, fish/);
});
