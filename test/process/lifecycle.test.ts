import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RelayUrl } from '../../src/ids.ts';
import {
  connectTo,
  createInstallation,
  type DaemonProcess,
  type Installation,
  initialise,
  runProgram,
  startDaemonProcess,
  untilWhole,
} from '../support/program.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';
import { until } from '../support/until.ts';

let installation: Installation;
let relay: TestRelay;
const daemons: DaemonProcess[] = [];

beforeEach(async () => {
  installation = await createInstallation();
  relay = await startRelay();
});

afterEach(async () => {
  await Promise.all(daemons.splice(0).map((daemon) => daemon.kill('SIGKILL')));
  await relay.stop();
  await installation.remove();
});

function start(args: readonly string[] = []): DaemonProcess {
  const daemon = startDaemonProcess(installation, args);
  daemons.push(daemon);
  return daemon;
}

const ctl = (...args: string[]) => runProgram(installation, 'dialogctl', args);

describe('a daemon in its everyday life', () => {
  test('init, dialogd, status: eleven packages are confirmed and the exit code says healthy', async () => {
    await initialise(installation, [relay.url]);
    start();
    const client = await connectTo(installation);
    await untilWhole(client);
    client.close();
    const { code, stdout } = await ctl('status');
    expect(stdout).toContain('10/10 standard');
    expect(code).toBe(0);
  });

  test('SIGTERM ends it with 0, and the sockets are gone', async () => {
    await initialise(installation, [relay.url]);
    const daemon = start();
    (await connectTo(installation)).close();
    expect(await daemon.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await readdir(installation.runtimeDir)).toEqual([]);
    expect((await ctl('status')).code).toBe(3);
  });

  test('after kill -9 the next start serves the same packages', async () => {
    await initialise(installation, [relay.url]);
    const first = start();
    await untilWhole(await connectTo(installation));
    const refs = (await (await connectTo(installation)).call('keyPackages.list', {})).packages.map(
      ({ ref }) => ref,
    );
    await first.kill('SIGKILL');
    start();
    const again = await (await connectTo(installation)).call('keyPackages.list', {});
    expect(again.packages.map(({ ref }) => ref)).toEqual(refs);
  });

  test('the socket answers while no relay does', async () => {
    await initialise(installation, [await deafRelay()]);
    start();
    const client = await connectTo(installation);
    const status = await client.call('daemon.status', {});
    expect(status.invitable.yes).toBe(false);
    expect((await ctl('status')).code).toBeGreaterThanOrEqual(10);
  });
});

/** Listens and never says a word. */
async function deafRelay(): Promise<RelayUrl> {
  const server = createServer().listen(0, '127.0.0.1').unref();
  await until(() => server.address(), 'the deaf relay listens');
  return `ws://127.0.0.1:${(server.address() as { port: number }).port}` as RelayUrl;
}

describe('a daemon that cannot start says why', () => {
  test('a second one on the same state names the holder and exits 75', async () => {
    await initialise(installation, [relay.url]);
    const first = start();
    (await connectTo(installation)).close();
    const second = start();
    expect((await second.exited).code).toBe(75);
    expect(second.log()).toContain(String(first.pid));
  });

  test('without an identity it exits 78 and names the command', async () => {
    const daemon = start();
    expect((await daemon.exited).code).toBe(78);
    expect(daemon.log()).toContain('dialogctl init');
  });

  test('a bad configuration exits 78 with every problem at once', async () => {
    await initialise(installation, [relay.url]);
    await writeFile(
      installation.configFile,
      'colour = "blue"\n[key_packages]\nstandard = -1\nlifetime = "90 d"\n',
    );
    const daemon = start();
    expect((await daemon.exited).code).toBe(78);
    for (const word of ['colour', 'key_packages.standard', 'key_packages.lifetime']) {
      expect(daemon.log()).toContain(word);
    }
  });

  test('a flipped bit in the store exits 65, and putting it back loses nothing', async () => {
    await initialise(installation, [relay.url]);
    const daemon = start();
    await untilWhole(await connectTo(installation));
    await daemon.kill('SIGKILL');
    const file = await newestLog(installation.stateDir);
    const whole = await readFile(file);
    const damaged = Buffer.from(whole);
    damaged[damaged.length - 40]! ^= 0x10;
    await writeFile(file, damaged);
    const broken = start();
    expect((await broken.exited).code).toBe(65);
    expect(broken.log()).toContain('store_damaged');
    const told = await ctl('status');
    expect(told.code).toBe(3);
    expect(told.stderr).toMatch(/it ended .* with store_damaged: .*\n {2}move the state directory away/);
    await writeFile(file, whole);
    const mended = start();
    await untilWhole(await connectTo(installation));
    await mended.kill('SIGTERM');
    expect((await ctl('status')).stderr).toContain('nobody answers');
  });
});

async function newestLog(stateDir: string): Promise<string> {
  const names = await readdir(stateDir, { recursive: true });
  const logs = names.filter((name) => /\d+\.log$/.test(name)).sort();
  return join(stateDir, logs.at(-1) as string);
}

test('everything it makes is private from birth, whatever umask it was started with', async () => {
  const before = process.umask(0);
  try {
    await initialise(installation, [relay.url]);
    start();
    await untilWhole(await connectTo(installation));
  } finally {
    process.umask(before);
  }
  for (const dir of [installation.stateDir, installation.runtimeDir]) {
    const names = await readdir(dir, { recursive: true });
    expect(names.length).toBeGreaterThan(1);
    for (const name of ['.', ...names]) {
      const { mode } = await stat(join(dir, name));
      expect({ name, open: mode & 0o077 }).toEqual({ name, open: 0 });
    }
  }
});

test.each([
  ['dialogd', ['--nope'], 64],
  ['dialogd', ['--log-level', 'loud'], 64],
  ['dialogd', ['--help'], 0],
  ['dialogd', ['completion', 'bash'], 0],
  ['dialogctl', ['--nope'], 2],
] as const)('%s %j ends with its documented exit code', async (program, args, code) => {
  expect((await runProgram(installation, program, args)).code).toBe(code);
});

test('at the finest level the log holds no secret', async () => {
  const canary = '5e'.repeat(32);
  const imported = await runProgram(
    installation,
    'dialogctl',
    ['init', '--import', '--relay', relay.url, '--inbox', relay.url],
    `${canary}\n`,
  );
  expect(imported.code).toBe(0);
  const daemon = start(['--log-level', 'trace']);
  await untilWhole(await connectTo(installation));
  await daemon.kill('SIGTERM');
  const sealKey = await readFile(join(installation.stateDir, 'seal.key')).catch(() => Buffer.from('none'));
  for (const secret of [canary, sealKey.toString('hex'), sealKey.toString('base64')]) {
    expect(`${daemon.log()}${imported.stdout}${imported.stderr}`).not.toContain(secret);
  }
  expect(daemon.log()).toContain('key_package_staged');
});
