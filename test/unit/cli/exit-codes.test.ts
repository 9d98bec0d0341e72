import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodeHelp, exitCodes, healthExitCodes } from '../../../src/cli/exit-codes.ts';
import { EXIT_CODES } from '../../../src/daemon/exit-codes.ts';
import { DaemonError } from '../../../src/errors.ts';
import { unixSeconds } from '../../../src/ids.ts';
import { leaveLastFailure } from '../../../src/last-failure.ts';
import { runCli } from '../../support/rpc/cli.ts';
import { health, NOW, status } from '../../support/rpc/samples.ts';
import { startTestServer, tempDirectory } from '../../support/rpc/server.ts';

it('every exit code is in the help', () => {
  for (const code of [...Object.values(exitCodes), ...Object.values(healthExitCodes)]) {
    expect(exitCodeHelp).toMatch(new RegExp(`^ +${code} `, 'm'));
  }
  const ofDialogd = Object.values(EXIT_CODES);
  expect(exitCodeHelp).toContain(`${Math.min(...ofDialogd)}-${Math.max(...ofDialogd)} init, restore`);
});

describe.each(['status', 'health'])('%s', (command) => {
  it.each([
    ['healthy', 0],
    ['not_invitable', 10],
    ['degraded', 11],
    ['starting', 12],
  ] as const)('of a daemon that is %s ends with %i, also with --json', async (state, code) => {
    const { runtimeDir } = await startTestServer({
      handlers: {
        'daemon.status': async () => ({ ...status, health: { state, warnings: [] } }),
        'daemon.health': async () => ({ ...health, state }),
      },
    });
    for (const extra of [[], ['--json']]) {
      expect((await runCli([command, '--runtime-dir', runtimeDir, ...extra])).code).toBe(code);
    }
  });
});

describe('without a daemon', () => {
  it.each(['status', 'health', 'keys list', 'keys refresh', 'watch', 'wake'])(
    '%s ends with 3 and says where it looked',
    async (line) => {
      const runtimeDir = await tempDirectory();
      const { code, err, out } = await runCli(['--runtime-dir', runtimeDir, ...line.split(' ')]);
      expect(code).toBe(3);
      expect(out).toBe('');
      expect(err).toContain('dialogd is not running');
      expect(err).toContain(runtimeDir);
      expect(err).toContain('start it: dialogctl service install');
    },
  );

  it('--json says so on standard output', async () => {
    const { code, err, out } = await runCli(['status', '--json', '--runtime-dir', await tempDirectory()]);
    expect([code, err]).toEqual([3, '']);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'not_running' } });
  });

  it.each(['status', 'health'])('%s says why it ended, where it left word', async (command) => {
    const stateDir = await tempDirectory();
    const damage = new DaemonError('store_damaged', 'the store is damaged', { repair: 'restore a backup' });
    leaveLastFailure(stateDir, damage, 65, unixSeconds(NOW - 300));
    const argv = [command, '--runtime-dir', stateDir, '--state-dir', stateDir];
    const { code, err } = await runCli(argv);
    expect(code).toBe(3);
    expect(err).toBe(
      'dialogctl: dialogd is not running: it ended 5 min ago with store_damaged: the store is damaged\n' +
        '  restore a backup\n',
    );
    const asJson = await runCli([...argv, '--json']);
    expect(asJson.code).toBe(3);
    expect(JSON.parse(asJson.out)).toMatchObject({
      error: { code: 'not_running', lastFailure: { at: NOW - 300, code: 'store_damaged', exitCode: 65 } },
    });
  });

  it('the runtime directory is found through the environment', async () => {
    const directory = await tempDirectory();
    const { err } = await runCli(['status'], { env: { XDG_RUNTIME_DIR: directory } });
    expect(err).toContain(join(directory, 'dialogd', 'dialogd-ro.sock'));
  });
});

describe('a refusal by the daemon', () => {
  const refuse = async (): Promise<never> => {
    throw new DaemonError('not_invitable', 'no relay \u001b[31mlist', {
      repair: 'dialogctl relays publish-lists',
    });
  };

  it('ends with 1, the reason and the way out', async () => {
    const { runtimeDir } = await startTestServer({ handlers: { 'keyPackages.refresh': refuse } });
    const { code, err } = await runCli(['keys', 'refresh', '--runtime-dir', runtimeDir]);
    expect(code).toBe(1);
    expect(err).toBe('dialogctl: no relay \ufffd[31mlist\n  dialogctl relays publish-lists\n');
  });

  it('is typed with --json', async () => {
    const { runtimeDir } = await startTestServer({ handlers: { 'keyPackages.refresh': refuse } });
    const { code, out } = await runCli(['keys', 'refresh', '--json', '--runtime-dir', runtimeDir]);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'not_invitable', repair: expect.any(String) } });
  });

  it('a change over the read-only socket is refused with the socket to use', async () => {
    const { paths } = await startTestServer();
    const { code, err } = await runCli(['wake', '--socket', paths.readOnly]);
    expect([code, err]).toEqual([1, expect.stringContaining('use the full socket, dialogd.sock')]);
  });
});

it('questions go to the read-only socket and changes to the full one', async () => {
  const accesses: string[] = [];
  const { runtimeDir } = await startTestServer({
    handlers: {
      'daemon.status': async (_params, { access }) => {
        accesses.push(access);
        return status;
      },
      'daemon.wake': async (_params, { access }) => {
        accesses.push(access);
        return {};
      },
    },
  });
  await runCli(['status', '--runtime-dir', runtimeDir]);
  await runCli(['wake', '--runtime-dir', runtimeDir]);
  expect(accesses).toEqual(['read', 'full']);
});

it('a refresh that ended before it was done ends with 1 when it was waited for', async () => {
  const unfinished = async () => ({ requestedAt: 1, replaced: 11, confirmed: 4, done: false });
  const { runtimeDir } = await startTestServer({ handlers: { 'keyPackages.refresh': unfinished } });
  const argv = ['keys', 'refresh', '--runtime-dir', runtimeDir];
  expect((await runCli(argv)).code).toBe(1);
  expect((await runCli([...argv, '--no-wait'])).code).toBe(0);
});

it.each([
  ['an unknown command', 'nope'],
  ['no command', ''],
  ['half a command', 'keys'],
  ['an unknown option', 'status --nope'],
  ['too many arguments', 'status now'],
  ['a number that is none', 'watch --since soon'],
  ['a missing option', 'relays publish-lists --write wss://a.example'],
  ['two sources of one key', 'init --import --key-file /k'],
  ['two ways to the socket', 'status --socket /s --runtime-dir /r'],
])('%s ends with 2 and an explanation', async (_what, line) => {
  const { code, err, out } = await runCli(line.split(' ').filter(Boolean));
  expect(code).toBe(2);
  expect(err).not.toBe('');
  expect(out).toBe('');
});
