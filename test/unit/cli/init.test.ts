import { openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createTestTerminal, runCli, type TestTerminal } from '../../support/rpc/cli.ts';
import { tempDirectory } from '../../support/rpc/server.ts';
import { until } from '../../support/until.ts';

const SECRET = 'nsec1thesecretofthistest';
const RELAY = 'wss://relay.one.example';

/** Notes in a file how it was called and what the descriptors named in its arguments hold. */
const WITNESS = `
import { readFileSync, writeFileSync } from 'node:fs';
const args = process.argv.slice(3);
const after = (flag) => args.includes(flag) ? Number(args[args.indexOf(flag) + 1]) : undefined;
const read = (fd) => fd === undefined ? undefined : readFileSync(fd, 'utf8');
const stdin = args.includes('--import') ? read(0) : undefined;
const note = { args, stdin, secret: read(after('--secret-fd')), password: read(after('--password-fd')) };
writeFileSync(process.argv[2], JSON.stringify(note));
process.exit(Number(process.env.WITNESS_EXIT ?? 0));
`;

interface Note {
  readonly args: string[];
  readonly stdin?: string;
  readonly secret?: string;
  readonly password?: string;
}

/** Runs `init` with a witness in the place of dialogd. */
async function init(argv: string[], options: { terminal?: TestTerminal; env?: NodeJS.ProcessEnv } = {}) {
  const directory = await tempDirectory();
  const witness = join(directory, 'witness.mjs');
  const note = join(directory, 'note.json');
  await writeFile(witness, WITNESS);
  const result = await runCli(['init', ...argv], { ...options, dialogd: [process.execPath, witness, note] });
  const noted: Note | undefined = await readFile(note, 'utf8').then(JSON.parse, () => undefined);
  return { ...result, noted };
}

describe('init with options', () => {
  it('runs dialogd with the same ones and ends with its exit code', async () => {
    const argv = ['--key-file', '/k', '--relay', RELAY, 'wss://b', '--inbox', RELAY, '--no-publish-lists'];
    const more = ['--passphrase-file', '/p', '--state-dir', '/s', '--config', '/c', '--json'];
    const { code, noted } = await init([...argv, ...more], { env: { WITNESS_EXIT: '73' } });
    expect(code).toBe(73);
    expect(noted?.args).toEqual([
      'init',
      ...['--key-file', '/k', '--relay', RELAY, '--relay', 'wss://b', '--inbox', RELAY, '--no-publish-lists'],
      ...['--passphrase-file', '/p', '--state-dir', '/s', '--config', '/c', '--json'],
    ]);
  });

  it('hands on the descriptors that secrets come by, under their numbers', async () => {
    const directory = await tempDirectory();
    await writeFile(join(directory, 'secret'), SECRET);
    await writeFile(join(directory, 'password'), 'open sesame');
    const [secretFd, passwordFd] = ['secret', 'password'].map((name) => openSync(join(directory, name), 'r'));
    const { noted } = await init(['--secret-fd', `${secretFd}`, '--password-fd', `${passwordFd}`]);
    expect(noted).toMatchObject({ secret: SECRET, password: 'open sesame' });
    expect(noted?.args.join(' ')).not.toContain(SECRET);
  });

  it('asks nothing where nobody can be asked', async () => {
    const { code, noted } = await init([]);
    expect([code, noted?.args]).toEqual([0, ['init']]);
  });
});

describe('init at a terminal', () => {
  /** A person: waits for each question, then types. */
  async function converse(steps: readonly (readonly [question: string, typed: string])[]) {
    const input = new PassThrough();
    const output = new PassThrough();
    let seen = '';
    output.on('data', (chunk) => {
      seen += chunk;
    });
    const running = init([], { terminal: createTestTerminal({ dialogue: { input, output } }) });
    for (const [question, typed] of steps) {
      await until(() => seen.includes(question), question);
      for (const key of typed) input.write(key);
    }
    return { ...(await running), seen };
  }

  it('creates an account after three answers', async () => {
    const { noted } = await converse([
      ['Account key', '\r'],
      ['published to', `${RELAY} wss://b.example\r`],
      ['arrive at', '\r'],
      ['Publish these', '\r'],
    ]);
    const lists = [RELAY, 'wss://b.example'];
    expect(noted?.args).toEqual([
      'init',
      ...lists.flatMap((url) => ['--relay', url]),
      ...lists.flatMap((url) => ['--inbox', url]),
    ]);
  });

  it('imports a key that is neither shown nor put among the arguments', async () => {
    const { noted, seen } = await converse([
      ['Account key', 'j\r'],
      ['Secret key', `${SECRET}\r`],
      ['published to', `${RELAY}\r`],
      ['arrive at', '\r'],
      ['Publish these', '\r'],
    ]);
    expect(noted?.stdin).toBe(`${SECRET}\n`);
    expect(noted?.args).toEqual(['init', '--import', '--relay', RELAY, '--inbox', RELAY]);
    expect(seen).not.toContain(SECRET);
  });

  it('asks for the password of an encrypted key', async () => {
    const { noted } = await converse([
      ['Account key', 'j\r'],
      ['Secret key', 'ncryptsec1abc\r'],
      ['Its password', 'open sesame\r'],
      ['published to', `${RELAY}\r`],
      ['arrive at', '\r'],
      ['Publish these', '\r'],
    ]);
    expect(noted).toMatchObject({ stdin: 'ncryptsec1abc\n', password: 'open sesame\n' });
    expect(noted?.args).toContain('--password-fd');
  });

  it('asks again for a relay that is none', async () => {
    const { noted, seen } = await converse([
      ['Account key', '\r'],
      ['published to', 'https://x\r'],
      ['https://x is not a wss:// or ws:// URL', '\u0003'],
    ]);
    expect(noted).toBeUndefined();
    expect(seen).toContain('Nothing was changed.');
  });

  it('given up with Ctrl-C runs nothing and ends with 1', async () => {
    const { code, noted } = await converse([['Account key', '\u0003']]);
    expect([code, noted]).toEqual([1, undefined]);
  });
});
