/** `dialogctl doctor` beside a real daemon with real relays, and without one. */
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/finding.ts';
import type { RelayUrl } from '../../src/ids.ts';
import type { InProcessDaemon } from '../support/in-process.ts';
import { daemonOn, holdLists, relayHere } from '../support/in-process-setup.ts';
import { isKeyPackage } from '../support/key-package-events.ts';
import type { RelayOptions } from '../support/relay.ts';
import { runCli } from '../support/rpc/cli.ts';
import { tempDirectory } from '../support/rpc/server.ts';

const DIALOGD = [
  process.execPath,
  ...['--import', 'tsx', join(import.meta.dirname, '../../src/daemon/main.ts')],
] as [string, ...string[]];

async function configuredOn(relay: RelayUrl): Promise<InProcessDaemon> {
  const daemon = await daemonOn(relay);
  await writeFile(daemon.configFile, `[relays]\nbootstrap = ["${relay}"]\n`);
  return daemon;
}

async function healthyPair(options: RelayOptions = {}) {
  const relay = await relayHere(options);
  holdLists(relay, [relay.url], [relay.url]);
  const daemon = await configuredOn(relay.url);
  // Read back as well: what is lost before that is noticed at once.
  await daemon.passUntil(async () => {
    const { packages } = await daemon.client.call('keyPackages.list', {});
    return packages.length === 11 && packages.every(({ relays: [at] }) => at?.seenAt !== undefined);
  }, 'the packages are published and seen');
  return { relay, daemon };
}

interface Diagnosis {
  readonly code: number;
  readonly findings: readonly Finding[];
  /** What is not in order, by level and check. */
  readonly bad: readonly string[];
}

/** No service manager is asked: there is none on the path. */
async function doctor(
  place: Pick<InProcessDaemon, 'runtimeDir' | 'stateDir' | 'configFile'>,
): Promise<Diagnosis> {
  const { runtimeDir, stateDir, configFile } = place;
  const argv = [
    'doctor',
    '--json',
    '--runtime-dir',
    runtimeDir,
    '--state-dir',
    stateDir,
    '--config',
    configFile,
  ];
  const { code, out } = await runCli(argv, { dialogd: DIALOGD, env: { PATH: '/nonexistent' } });
  const { findings } = JSON.parse(out) as { findings: Finding[] };
  const bad = findings
    .filter(({ level, check }) => level !== 'ok' && check !== 'service.installed')
    .map(({ level, check }) => `${level} ${check}`);
  return { code, findings, bad };
}

/** The same while a little time passes for the daemon: not so much that it mends by itself what it is to be told. */
async function doctorOf(daemon: InProcessDaemon): Promise<Diagnosis> {
  const ticking = setInterval(() => daemon.clock.advance(1), 100);
  return doctor(daemon).finally(() => clearInterval(ticking));
}

describe('a daemon that runs', () => {
  test('in good health passes every check', async () => {
    const { daemon } = await healthyPair();
    const { code, bad, findings } = await doctorOf(daemon);
    expect(bad).toEqual([]);
    expect(code).toBe(0);
    expect(findings.map(({ check }) => check)).toEqual([
      ...['program.node', 'configuration.valid', 'configuration.relays'],
      ...[
        'state.directory',
        'state.private',
        'state.disk',
        'state.user',
        'account.seal',
        'account.key',
        'store.sound',
      ],
      ...['service.installed', 'sockets.private', 'daemon.running', 'daemon.version', 'daemon.health'],
      ...['clock.offset', 'relays.connected', 'relays.lists', 'stranger.invites'],
    ]);
  });

  test('whose packages a relay lost behind its back is not invitable, though it believes so', async () => {
    const { relay, daemon } = await healthyPair();
    relay.repository.forget(isKeyPackage);
    const { code, bad } = await doctorOf(daemon);
    expect([code, bad]).toEqual([1, ['error stranger.no_packages']]);
  });

  test('without relay lists is told to publish them', async () => {
    const relay = await relayHere();
    const { code, bad, findings } = await doctorOf(await configuredOn(relay.url));
    expect(code).toBe(1);
    expect(bad).toEqual(expect.arrayContaining(['error relays.lists', 'error stranger.no_write_list']));
    expect(findings.find(({ check }) => check === 'relays.lists')?.repair).toContain('publish-lists');
  });

  test('whose relay is gone is told which', async () => {
    const { relay, daemon } = await healthyPair();
    await relay.stop();
    const { code, bad, findings } = await doctorOf(daemon);
    expect(code).toBe(1);
    expect(bad).toEqual(
      expect.arrayContaining(['error relays.connected', 'error stranger.start_unreachable']),
    );
    expect(findings.find(({ check }) => check === 'relays.connected')?.message).toContain(relay.url);
  });

  test('on a machine with a wrong clock is told to set it', async () => {
    const { daemon } = await healthyPair({ dateOffsetSec: -86_400 });
    const { code, bad, findings } = await doctorOf(daemon);
    expect(code).toBe(1);
    expect(bad).toContain('error clock.offset');
    expect(findings.find(({ check }) => check === 'clock.offset')?.repair).toContain('timedatectl');
  });

  test('whose key file others may read is told the command that closes it', async () => {
    const { daemon } = await healthyPair();
    const key = join(daemon.stateDir, 'seal.key');
    await chmod(key, 0o644);
    const { code, findings } = await doctorOf(daemon);
    expect(code).toBe(1);
    expect(findings.find(({ check }) => check === 'state.private')).toMatchObject({
      repair: `chmod 600 ${key}`,
    });
  });

  test('whose configuration would not start again is told the mistake', async () => {
    const { daemon } = await healthyPair();
    await writeFile(daemon.configFile, '[relays]\ncolour = 1\n');
    const { code, bad, findings } = await doctorOf(daemon);
    expect([code, bad]).toEqual([1, ['error configuration.valid']]);
    expect(findings.find(({ level }) => level === 'error')?.message).toContain('relays.colour');
  });
});

describe('without a daemon', () => {
  test('an account in order has to be started, and nothing else', async () => {
    const { daemon } = await healthyPair();
    const home = await tempDirectory();
    const { stateDir, configFile } = daemon;
    const { code, bad } = await doctor({ stateDir, configFile, runtimeDir: join(home, 'run') });
    expect([code, bad]).toEqual([1, ['error daemon.running']]);
  });

  test('nothing at all leads to init', async () => {
    const home = await tempDirectory();
    const at = (name: string): string => join(home, name);
    const place = { runtimeDir: at('run'), stateDir: at('state'), configFile: at('config.toml') };
    const { code, findings, bad } = await doctor(place);
    expect(code).toBe(1);
    expect(bad).toContain('error state.directory');
    expect(findings.map(({ repair }) => repair)).toContain('dialogctl init');
  });
});
