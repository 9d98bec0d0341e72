import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config.ts';
import { type RunningDaemon, startDaemon } from '../../src/daemon/daemon.ts';
import { systemRandom } from '../../src/daemon/system.ts';
import type { RelayUrl } from '../../src/ids.ts';
import { type Client, connect } from '../../src/ipc/client.ts';
import { loadLibc } from '../../src/native/libc.ts';
import { fullSocket } from '../../src/paths.ts';
import { createManualClock, type ManualClock } from './clock.ts';
import { createRecordingLog, type RecordingLog } from './log.ts';
import { makeState } from './made-state.ts';
import { createAccount, type TestAccount } from './nostr.ts';
import { createRecordingSupervisor, type RecordingSupervisor } from './supervisor.ts';
import { until } from './until.ts';

/** Small, so that real sockets keep up with a clock that is ahead of theirs: about 200 s pass in one. */
const STEP_SEC = 1;

/** The whole daemon, every part of it real, in this process and with a clock of the test's. */
export interface InProcessDaemon {
  readonly account: TestAccount;
  readonly stateDir: string;
  readonly runtimeDir: string;
  readonly configFile: string;
  readonly clock: ManualClock;
  readonly log: RecordingLog;
  readonly supervisor: RecordingSupervisor;
  readonly client: Client;
  /** Seconds pass one at a time, with room for what they bring about, until the condition holds. */
  passUntil<T>(condition: () => Promise<T> | T, what: string): Promise<NonNullable<T>>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts with an imported account that uses these relays, which already hold its relay lists; in `stateDir` with what
 * is there, which stays at stop.
 */
export async function startInProcess(options: {
  readonly bootstrap: readonly RelayUrl[];
  /** TOML. */
  readonly settings?: string;
  readonly stateDir?: string;
}): Promise<InProcessDaemon> {
  const home = await mkdtemp(join(tmpdir(), 'dialogd-'));
  const paths = {
    configFile: join(home, 'config.toml'),
    stateDir: options.stateDir ?? join(home, 'state'),
    runtimeDir: join(home, 'run'),
  };
  const clock = createManualClock(Math.floor(Date.now() / 1_000));
  const log = createRecordingLog();
  const supervisor = createRecordingSupervisor();
  const account = createAccount('in process');
  if (options.stateDir === undefined) await makeState(paths.stateDir, account, clock.now());

  await writeFile(paths.configFile, options.settings ?? '');

  const failures: unknown[] = [];
  const start = async (): Promise<{ daemon: RunningDaemon; client: Client }> => {
    const config = { ...loadConfig(paths.configFile), relays: { bootstrap: [...options.bootstrap] } };
    const daemon = await startDaemon({
      paths,
      config,
      env: {},
      clock,
      random: systemRandom,
      log,
      supervisor,
      guards: { watchdog: false, peerUid: loadLibc()?.peerUid, undumpable: false },
      failed: (error) => failures.push(error),
    });
    const outcome = await connect(fullSocket(paths.runtimeDir), { client: 'test' });
    if (outcome.kind !== 'connected') throw new Error('the socket does not answer');
    return { daemon, client: outcome.client };
  };
  let running = await start();
  const end = async (): Promise<void> => {
    running.client.close();
    await running.daemon.stop();
  };

  return {
    account,
    ...paths,
    clock,
    log,
    supervisor,
    get client() {
      return running.client;
    },
    passUntil: (condition, what) =>
      until(
        async () => {
          if (failures.length > 0) throw failures[0];
          const value = await condition();
          if (!value) clock.advance(STEP_SEC);
          return value;
        },
        what,
        25_000,
      ),
    async restart() {
      await end();
      running = await start();
    },
    async stop() {
      await end();
      await rm(home, { recursive: true, force: true });
    },
  };
}
