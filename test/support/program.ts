import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RelayUrl } from '../../src/ids.ts';
import { type Client, connect } from '../../src/ipc/client.ts';
import { fullSocket } from '../../src/paths.ts';
import { until } from './until.ts';

const DIST = join(import.meta.dirname, '../../dist');

/** Directories of one installation of the built programs, all below one temporary directory. */
export interface Installation {
  readonly home: string;
  readonly stateDir: string;
  readonly runtimeDir: string;
  readonly configFile: string;
  readonly env: NodeJS.ProcessEnv;
  remove(): Promise<void>;
}

export async function createInstallation(): Promise<Installation> {
  const home = await mkdtemp(join(tmpdir(), 'dialogd-'));
  return {
    home,
    stateDir: join(home, 'state', 'dialogd'),
    runtimeDir: join(home, 'run', 'dialogd'),
    configFile: join(home, 'config', 'dialogd', 'config.toml'),
    env: {
      PATH: process.env.PATH,
      HOME: home,
      XDG_STATE_HOME: join(home, 'state'),
      XDG_RUNTIME_DIR: join(home, 'run'),
      XDG_CONFIG_HOME: join(home, 'config'),
      NO_COLOR: '1',
    },
    remove: () => rm(home, { recursive: true, force: true }),
  };
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `dialogctl` (or `dialogd`) to its end, with `input` on its standard input. */
export function runProgram(
  installation: Installation,
  program: 'dialogctl' | 'dialogd',
  args: readonly string[],
  input = '',
): Promise<Finished> {
  const entry = join(DIST, program === 'dialogctl' ? 'cli/main.js' : 'daemon/main.js');
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [entry, ...args],
      { env: installation.env, timeout: 60_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
    child.stdin?.end(input);
  });
}

/** `dialogctl init` with a new key, for these relays. Throws when it fails. */
export async function initialise(installation: Installation, relays: readonly RelayUrl[]): Promise<void> {
  const args = ['init', ...relays.flatMap((url) => ['--relay', url, '--inbox', url])];
  const { code, stderr } = await runProgram(installation, 'dialogctl', args);
  if (code !== 0) throw new Error(`dialogctl init ended with ${code}: ${stderr}`);
}

/** A running `dialogd`. */
export interface DaemonProcess {
  readonly pid: number;
  /** What it has written to standard error so far. */
  log(): string;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** With descriptors in `passed` it is started as systemd starts it with sockets (sd_listen_fds(3)). */
export function startDaemonProcess(
  installation: Installation,
  args: readonly string[] = [],
  passed: readonly number[] = [],
): DaemonProcess {
  const command = [process.execPath, join(DIST, 'daemon/main.js'), ...args];
  const child: ChildProcess = spawn('/bin/sh', ['-c', 'LISTEN_PID=$$ exec "$@"', 'sh', ...command], {
    env: { ...installation.env, LISTEN_FDS: String(passed.length) },
    stdio: ['ignore', 'ignore', 'pipe', ...passed],
  });
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  return {
    pid: child.pid as number,
    log: () => log,
    exited,
    kill(signal) {
      child.kill(signal);
      return exited;
    },
  };
}

/** A client of the daemon of this installation, as soon as its socket answers. */
export async function connectTo(installation: Installation, boundMs = 10_000): Promise<Client> {
  return until(
    async () => {
      const outcome = await connect(fullSocket(installation.runtimeDir), { client: 'test' });
      return outcome.kind === 'connected' ? outcome.client : undefined;
    },
    'the socket answers',
    boundMs,
  );
}

/** Waits until every package the policy wants is confirmed; returns the status that says so. */
export async function untilWhole(client: Client, boundMs = 30_000) {
  return until(
    async () => {
      const status = await client.call('daemon.status', {});
      const { standard, lastResort } = status.packages;
      const whole = standard.confirmed === standard.wanted && lastResort.confirmed === lastResort.wanted;
      return whole ? status : undefined;
    },
    'every KeyPackage is confirmed',
    boundMs,
  );
}
