import { openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Params } from '../../../src/ipc/protocol/methods.ts';
import { createTestTerminal, runCli, type TestTerminal } from '../../support/rpc/cli.ts';
import { backup as sample } from '../../support/rpc/samples.ts';
import { startTestServer, tempDirectory } from '../../support/rpc/server.ts';
import { until } from '../../support/until.ts';

const PASSPHRASE = 'correct horse battery staple';

/** Notes how it was called and the passphrase it was given, and answers as dialogd does. */
const WITNESS = `
import { readFileSync, writeFileSync } from 'node:fs';
const args = process.argv.slice(4);
writeFileSync(process.argv[2], JSON.stringify({ args, passphrase: readFileSync(3, 'utf8') }));
process.stdout.write(process.argv[3]);
process.exit(Number(process.env.WITNESS_EXIT ?? 0));
`;

async function passphraseFile(text = `${PASSPHRASE}\n`): Promise<string> {
  const path = join(await tempDirectory(), 'passphrase');
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

/** With a witness in the place of dialogd, and no daemon. */
async function atRest(argv: string[], options: { terminal?: TestTerminal; env?: NodeJS.ProcessEnv } = {}) {
  const directory = await tempDirectory();
  const [witness, note] = [join(directory, 'witness.mjs'), join(directory, 'note.json')];
  await writeFile(witness, WITNESS);
  const result = await runCli(['--runtime-dir', directory, ...argv], {
    ...options,
    dialogd: [process.execPath, witness, note, JSON.stringify(sample)],
  });
  const noted: { args: string[]; passphrase: string } | undefined = await readFile(note, 'utf8').then(
    JSON.parse,
    () => undefined,
  );
  return { ...result, noted };
}

/** With a daemon that notes what it was asked for. */
async function running(argv: readonly string[], terminal = createTestTerminal()) {
  const orders: Params<'daemon.backup'>[] = [];
  const { runtimeDir, log } = await startTestServer({
    handlers: {
      'daemon.backup': async (order) => {
        orders.push(order);
        return { ...sample, path: order.path };
      },
    },
  });
  const result = await runCli(['--runtime-dir', runtimeDir, ...argv], { terminal });
  return { ...result, orders, log };
}

/** Types an answer at each question. */
function atTerminal(answers: readonly (readonly [question: string, typed: string])[]) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let seen = '';
  output.on('data', (chunk) => {
    seen += chunk;
  });
  const typing = (async () => {
    for (const [question, typed] of answers) {
      await until(() => seen.includes(question), question);
      for (const key of typed) input.write(key);
    }
  })();
  return { terminal: createTestTerminal({ dialogue: { input, output } }), typing, seen: () => seen };
}

describe('backup', () => {
  it('is asked of the running daemon, with an absolute path, and says what the file holds', async () => {
    const file = await passphraseFile();
    const { code, out, orders, log } = await running(['backup', 'b.age', '--passphrase-file', file]);
    expect(code).toBe(0);
    expect(orders).toEqual([{ path: join(process.cwd(), 'b.age'), passphrase: PASSPHRASE, force: false }]);
    expect(out).toContain('33 KeyPackages with private keys, 12 gift wraps');
    expect(`${out}${log.text()}`).not.toContain(PASSPHRASE);
  });

  it('is written by dialogd where no daemon runs; the passphrase comes through a pipe', async () => {
    const argv = [
      'backup',
      '/b.age',
      '--force',
      '--state-dir',
      '/s',
      '--passphrase-file',
      await passphraseFile(),
    ];
    const { code, out, noted } = await atRest(argv);
    expect(code).toBe(0);
    expect(noted).toEqual({
      args: ['backup', '/b.age', '--force', '--passphrase-fd', '3', '--state-dir', '/s'],
      passphrase: `${PASSPHRASE}\n`,
    });
    expect(out).toContain('read back and compared');
  });

  it('takes the passphrase from a descriptor', async () => {
    const fd = openSync(await passphraseFile(), 'r');
    const { orders } = await running(['backup', '/b.age', '--passphrase-fd', `${fd}`, '--force']);
    expect(orders).toEqual([{ path: '/b.age', passphrase: PASSPHRASE, force: true }]);
  });

  it.each([
    ['one that is short', 'guess me', 0o600, 'at least 12 characters'],
    ['one that is long', 'x'.repeat(1_025), 0o600, 'at most 1024 characters'],
    ['a file that others can read', PASSPHRASE, 0o644, 'open to other users'],
  ])('refuses %s before anything is written', async (_, text, mode, words) => {
    const path = join(await tempDirectory(), 'passphrase');
    await writeFile(path, text, { mode });
    const { code, err, orders } = await running(['backup', '/b.age', '--passphrase-file', path]);
    expect([code, orders]).toEqual([1, []]);
    expect(err).toContain(words);
    expect(err).not.toContain(text);
  });

  it('refuses one from a descriptor that is longer than it would be taken, instead of cutting it', async () => {
    const fd = openSync(await passphraseFile('long '.repeat(2_000)), 'r');
    const { code, err, orders } = await running(['backup', '/b.age', '--passphrase-fd', `${fd}`]);
    expect([code, orders]).toEqual([1, []]);
    expect(err).toContain('at most 1024 characters');
  });

  it('refuses to go without a passphrase where nobody can be asked', async () => {
    const { code, err } = await running(['backup', '/b.age']);
    expect(code).toBe(1);
    expect(err).toContain('--passphrase-file');
  });

  it('asks twice at a terminal, and again when the two differ', async () => {
    const { terminal, typing, seen } = atTerminal([
      ['Passphrase of the backup', `${PASSPHRASE}\r`],
      ['once more', `${PASSPHRASE}!\r`],
      ['this is another one', `\u007f\r`],
    ]);
    const { code, orders } = await running(['backup', '/b.age'], terminal);
    await typing;
    expect(code).toBe(0);
    expect(orders[0]?.passphrase).toBe(PASSPHRASE);
    expect(seen()).not.toContain(PASSPHRASE);
  });
});

describe('restore', () => {
  it('is done by dialogd, whose exit code it is', async () => {
    const { code, noted } = await atRest(
      ['restore', '/b.age', '--passphrase-file', await passphraseFile('short')],
      {
        env: { WITNESS_EXIT: '77' },
      },
    );
    expect(code).toBe(77);
    expect(noted).toEqual({ args: ['restore', '/b.age', '--passphrase-fd', '3'], passphrase: 'short\n' });
  });

  it('given up with Ctrl-C runs nothing and ends with 1', async () => {
    const { terminal } = atTerminal([['Passphrase of the backup', '\u0003']]);
    expect(await atRest(['restore', '/b.age'], { terminal })).toMatchObject({ code: 1, noted: undefined });
  });
});
