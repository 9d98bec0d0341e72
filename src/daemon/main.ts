#!/usr/bin/env node
import { isatty } from 'node:tty';
import { CommanderError } from 'commander';
import { removeMetricsFile } from '../api/metrics-file.ts';
import { type Config, loadConfig } from '../config.ts';
import { DaemonError } from '../errors.ts';
import { takePassedSockets } from '../ipc/passed-sockets.ts';
import { forgetLastFailure, leaveLastFailure } from '../last-failure.ts';
import { createLog, type LeveledLog } from '../logging/logging.ts';
import { loadLibc } from '../native/libc.ts';
import { resolvePaths } from '../paths.ts';
import type { Log } from '../ports.ts';
import { openTransport } from '../supervision/notify-transport.ts';
import { type Bounds, withPatience } from '../supervision/patience.ts';
import { takeServiceManager } from '../supervision/service-manager.ts';
import { createSupervisor } from '../supervision/supervisor.ts';
import { startWatchdog } from '../supervision/watchdog.ts';
import { startDaemon } from './daemon.ts';
import { EXIT_CODES, EXIT_SOFTWARE, EXIT_USAGE } from './exit-codes.ts';
import { createProgram, type RunOptions } from './program.ts';
import { reloadConfig } from './reload.ts';
import { monotonicUsec, systemClock, systemRandom } from './system.ts';

/** Opening a large store, and checking it, on a slow disk. */
const STARTING: Bounds = { everyMs: 20_000, anotherMs: 60_000, atMostMs: 900_000 };
/** Everything that is still under way at SIGTERM has this long to end. */
const DRAIN_MS = 9_000;
const DRAINING: Bounds = { everyMs: 3_000, anotherMs: 10_000, atMostMs: DRAIN_MS };

async function run(options: RunOptions, log: LeveledLog, end: (error: unknown) => never): Promise<void> {
  const paths = resolvePaths(process.env, options);
  const readConfig = (): Config =>
    loadConfig(paths.configFile, options.logLevel === undefined ? {} : { logLevel: options.logLevel });
  const config = readConfig();
  log.setLevel(config.log.level);
  const { textfile } = config.metrics;
  process.on('exit', (code) => {
    // Whatever ends this process, unless another one writes that file.
    if (textfile !== undefined && code !== EXIT_CODES.already_running) removeMetricsFile(textfile);
  });
  const stopRequested = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
  const passed = takePassedSockets(process.env, process.pid);
  const { notifySocket, watchdogMs } = takeServiceManager(process.env, process.pid);
  const transport = await openTransport(notifySocket, libc, process.env.PATH);
  const supervisor = createSupervisor({ transport, monotonicUsec, log });
  const patient = { clock: systemClock, supervisor };
  process.on('SIGHUP', () => {
    supervisor.reloading();
    reloadConfig(readConfig, config, log);
    supervisor.reloaded();
  });
  const watched = transport.name !== 'none' && watchdogMs !== undefined;
  const starting = startDaemon({
    paths,
    config,
    env: process.env,
    clock: systemClock,
    random: systemRandom,
    log,
    supervisor,
    guards: { watchdog: watched, peerUid: libc?.peerUid, undumpable },
    passed,
    failed: end,
  });
  const daemon = await withPatience(starting, STARTING, patient);
  const watchdog = watched
    ? startWatchdog({
        clock: systemClock,
        monotonicUsec,
        log,
        supervisor,
        watchdogMs,
        pulses: daemon.pulses,
      })
    : undefined;
  forgetLastFailure(paths.stateDir);
  await stopRequested;
  watchdog?.close();
  // Whatever does not end in time is taken up again at the next start, like after any crash.
  systemClock.after(DRAIN_MS as never, () => {
    log.warn('stopped_while_busy');
    process.exit(0);
  });
  await withPatience(daemon.stop(), DRAINING, patient);
  forgetLastFailure(paths.stateDir);
  process.exit(0);
}

const exitCodeOf = (error: unknown): number =>
  (error instanceof DaemonError ? EXIT_CODES[error.code] : undefined) ?? EXIT_SOFTWARE;

const standardError = (level: string): LeveledLog =>
  createLog(level, { fd: 2, terminal: isatty(2), env: process.env, libc });

/** An expected failure in two lines a person acts on; a bug with its stack. */
function report(error: unknown, log: Log): void {
  if (error instanceof DaemonError && error.code !== 'internal') {
    log.error('failed', { code: error.code, message: error.message, repair: error.repair });
  } else {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    log.error('bug', { message, stack });
  }
}

process.umask(0o077);
const libc = loadLibc();
// Before any key is read, whatever the command.
const undumpable = libc?.makeUndumpable() ?? false;
const program = createProgram({
  async run(options) {
    const log = standardError('info');
    const end = (error: unknown): never => {
      report(error, log);
      leaveLastFailure(
        resolvePaths(process.env, options).stateDir,
        error,
        exitCodeOf(error),
        systemClock.now(),
      );
      process.exit(exitCodeOf(error));
    };
    process.on('uncaughtException', end);
    process.on('unhandledRejection', end);
    await run(options, log, end).catch(end);
  },
  guards() {
    process.stdout.write(`${JSON.stringify({ native: libc !== undefined, undumpable })}\n`);
  },
});

program.parseAsync().catch((error: unknown) => {
  // Help and version arrive here too, with 0; what was wrong has been printed.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
  if (error instanceof DaemonError) {
    process.stderr.write(`dialogd: ${error.code}: ${error.message}\n`);
    if (error.repair !== undefined) process.stderr.write(`  ${error.repair}\n`);
  } else {
    report(error, standardError('error'));
  }
  process.exit(exitCodeOf(error));
});
