/** What a person reads, from a daemon on a real socket. */
import { describe, expect, it } from 'vitest';
import type { Handlers } from '../../../src/ipc/handlers.ts';
import { createTestTerminal, runCli } from '../../support/rpc/cli.ts';
import * as samples from '../../support/rpc/samples.ts';
import { startTestServer } from '../../support/rpc/server.ts';

async function print(line: string, handlers: Partial<Handlers> = {}): Promise<string> {
  const { runtimeDir } = await startTestServer({ handlers });
  const { code, out, err } = await runCli(['--runtime-dir', runtimeDir, ...line.split(' ')]);
  return `${out}${err === '' ? '' : `-- stderr --\n${err}`}-- exit ${code} --`;
}

describe('a healthy daemon', () => {
  it.each([
    'status',
    'keys list --all',
    'keys list --relays',
    'keys explain',
    'relays list',
    'inbox list',
    'identity show',
  ])('%s reads at a glance and fits 80 columns', async (line) => {
    const printed = await print(line);
    expect(printed).toMatchSnapshot();
    expect(Math.max(...printed.split('\n').map((text) => text.length))).toBeLessThanOrEqual(80);
  });

  it.each(['wake', 'keys refresh', 'keys refresh --no-wait'])('%s says what it did', async (line) => {
    expect(await print(line)).toMatchSnapshot();
  });

  it('relays publish-lists passes both lists on', async () => {
    const asked: unknown[] = [];
    const printed = await print(
      'relays publish-lists --write wss://a.example wss://b.example --inbox wss://c.example',
      {
        'relays.publishLists': async (params) => {
          asked.push(params);
          return { eventIds: ['a'.repeat(64), 'b'.repeat(64)] };
        },
      },
    );
    expect(asked).toEqual([{ write: ['wss://a.example', 'wss://b.example'], inbox: ['wss://c.example'] }]);
    expect(printed).toMatchSnapshot();
  });
});

describe('a daemon with something to tell', () => {
  it('status names every warning with its age and the way out', async () => {
    expect(await print('status', { 'daemon.status': async () => samples.notInvitable })).toMatchSnapshot();
  });

  it('health says yes or no, and why', async () => {
    expect(await print('health')).toMatchSnapshot();
  });

  it('metrics are printed as Prometheus reads them', async () => {
    const { runtimeDir } = await startTestServer();
    const { out, code } = await runCli(['metrics', '--runtime-dir', runtimeDir]);
    expect([out, code]).toEqual([samples.metrics.text, 0]);
  });

  it('status before init points to init', async () => {
    const { npub: _npub, ...rest } = samples.status;
    const empty = { ...rest, account: null, npub: null, seal: null, signer: null };
    const printed = await print('status', { 'daemon.status': async () => empty });
    expect(printed).toContain('none yet; run: dialogctl init');
  });

  it('an empty pool, no relays and nothing to do are said in words', async () => {
    const handlers: Partial<Handlers> = {
      'keyPackages.list': async () => ({ packages: [] }),
      'keyPackages.explain': async () => ({ now: samples.NOW, actions: [], next: [] }),
    };
    expect(await print('keys list', handlers)).toContain('There are no KeyPackages yet.');
    expect(await print('keys list --relays', handlers)).toContain('No KeyPackage is meant for a relay yet.');
    expect(await print('keys explain', handlers)).toContain('There is nothing to do.');
  });

  it('a relay that is connected and says nothing does not look well', async () => {
    const [relay] = samples.relays.relays;
    const relays = { ...samples.relays, relays: [{ ...relay!, answering: false, caughtUp: false }] };
    expect(await print('relays list', { 'relays.list': async () => relays })).toContain('does not answer\n');
  });

  it('a relay cannot move the cursor through its words', async () => {
    const [relay] = samples.relays.relays.slice(2);
    const relays = { ...samples.relays, relays: [{ ...relay!, lastError: 'refused \u001b[2J for ever' }] };
    expect(await print('relays list', { 'relays.list': async () => relays })).not.toContain('\u001b');
  });
});

it('--json prints the answer as it came', async () => {
  const { runtimeDir } = await startTestServer();
  const { out } = await runCli(['status', '--json', '--runtime-dir', runtimeDir]);
  expect(JSON.parse(out)).toEqual(samples.status);
});

it('colours appear where they are wanted and nowhere else', async () => {
  const { runtimeDir } = await startTestServer();
  const argv = ['status', '--runtime-dir', runtimeDir];
  const painted = await runCli(argv, { terminal: createTestTerminal({ colour: true }) });
  expect(painted.out).toContain('\u001b[32mhealthy\u001b[39m');
  expect((await runCli(argv)).out).not.toContain('\u001b');
});

it('progress is drawn over itself where somebody watches', async () => {
  const { runtimeDir } = await startTestServer();
  const argv = ['keys', 'refresh', '--runtime-dir', runtimeDir];
  const { err, out } = await runCli(argv, { terminal: createTestTerminal({ live: true }) });
  expect(err).toContain('\r\u001b[2K[#############...........] 6 of 11 confirmed');
  expect(err.endsWith('\r\u001b[2K')).toBe(true);
  expect(err).not.toContain('\n');
  expect(out).toBe('Replaced 11 KeyPackages; all are confirmed.\n');
});

it('the help of every command fits 80 columns', async () => {
  const commands = [
    '',
    'init',
    'status',
    'keys list',
    'relays publish-lists',
    'watch',
    'doctor',
    'bugreport',
    'service install',
  ];
  for (const command of commands) {
    const { out, code } = await runCli([...command.split(' ').filter(Boolean), '--help']);
    expect(code).toBe(0);
    expect(out).toContain('--json');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  }
});
