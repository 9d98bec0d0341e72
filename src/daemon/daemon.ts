import { createExamination } from '../api/examined.ts';
import { createHandlers, createNoticeSource } from '../api/handlers.ts';
import { renderMetrics } from '../api/metrics.ts';
import { createMetricsFile } from '../api/metrics-file.ts';
import { createPasses } from '../api/passes.ts';
import { oneAtATime, writeBackup } from '../backup/write.ts';
import { LOG_ROUNDS } from '../identity/age-file.ts';
import { short } from '../ids.ts';
import { openInbox } from '../inbox/inbox.ts';
import type { PassedSocket } from '../ipc/passed-sockets.ts';
import { startServer } from '../ipc/server.ts';
import { relaysInUse } from '../keypackages/world.ts';
import { collapseRepeats } from '../logging/repeats.ts';
import type { Log, Supervisor } from '../ports.ts';
import type { EngineDeps } from '../scheduler/deps.ts';
import { createReconciler } from '../scheduler/reconcile.ts';
import { learnLists } from '../scheduler/relay-lists.ts';
import { createSession } from '../scheduler/session.ts';
import { createWaker } from '../scheduler/waker.ts';
import { createAnnouncer } from '../supervision/announcer.ts';
import { type Pulse, pulsesOf } from '../supervision/heart.ts';
import { observed } from '../supervision/observed-store.ts';
import { VERSION } from '../version.ts';
import { createEngineDeps } from './engine-deps.ts';
import { type Guards, guardsView } from './guards.ts';
import { bindAccount, type OpenedState, openState, type StateOptions } from './state.ts';

export interface DaemonOptions extends StateOptions {
  readonly log: Log;
  readonly supervisor: Supervisor;
  /** What this process is guarded with. */
  readonly guards: Guards;
  /** Sockets that the service manager listens on for us. */
  readonly passed?: readonly PassedSocket[];
  /** A bug or a broken store: the process has to end. Called once. */
  readonly failed: (error: unknown) => void;
}

export interface RunningDaemon {
  /** What has to move at this moment, for the watchdog. */
  pulses(): readonly Pulse[];
  /** Ends what is under way, then everything; bounded by the caller. */
  stop(): Promise<void>;
}

/**
 * Starts in the order in which things depend on each other: lock and store, signer, socket, then the network.
 * Errors: see `openState` and `startServer`; nothing stays open after an error.
 */
export async function startDaemon(options: DaemonOptions): Promise<RunningDaemon> {
  const state = await openState(options);
  try {
    return await run(options, state);
  } catch (error) {
    await state.close();
    throw error;
  }
}

async function run(options: DaemonOptions, state: OpenedState): Promise<RunningDaemon> {
  const { clock, supervisor, guards, config, paths } = options;
  const { log, flush } = collapseRepeats(options.log, clock);
  const commits = new Set<() => void>();
  const store = observed(state.store, () => {
    for (const listener of commits) listener();
  });
  await bindAccount(store, state.signer.account, log);
  const parts = await createEngineDeps(options, state.signer, store, log);
  const { relays } = parts;
  const session = createSession(clock.now(), relays);
  const failed = once((error: unknown) => {
    flush();
    options.failed(error);
  });
  const inbox = await openInbox(
    { ...parts, elapsedMs: () => performance.now(), signing: () => session.snapshot().busy.has('sign') },
    {
      changed: () => engine.wake(),
      async ownList(event, at) {
        const learned = await store.update('relay_list', (tx) => learnLists(tx, [event], at));
        if (learned) engine.wake();
      },
      failed,
    },
  );
  const deps: EngineDeps = { ...parts, inbox: inbox.facts };
  const passes = createPasses();
  const examination = createExamination(deps.policy, log, {
    account: deps.account,
    version: VERSION,
    startedAt: clock.now(),
    seal: state.seal,
    signerType: state.signer.type,
    guards: guardsView(guards, supervisor),
  });
  const announcer = createAnnouncer({ clock, log, supervisor, policy: deps.policy });
  const { textfile } = config.metrics;
  const metricsFile = textfile === undefined ? undefined : createMetricsFile({ path: textfile, clock, log });

  const engine = createReconciler(deps, session, {
    // A machine that slept reads its inbox first: what is due since then must not be erased before.
    passing() {
      waker.compareClock();
      passes.passing();
    },
    passed(world, plan) {
      inbox.listenOn(world.roles.inbox ?? []);
      waker.setDeadline(plan.wakeAt);
      const examined = examination.observe({ world, plan });
      announcer.passed(world, examined.health);
      metricsFile?.passed(() => renderMetrics(examined));
      passes.passed(world, plan);
    },
    failed,
  });
  const waker = createWaker(clock, config.schedule.tick, {
    wake: () => engine.wake(),
    clockJumped(bySec) {
      log.info('clock_jumped', { bySec });
      session.restart(clock.now());
      inbox.restart();
      relays.reconnect();
    },
  });
  const { configFile } = paths;
  const backupParts = { store, clock, configFile, logRounds: LOG_ROUNDS, exportAccount: state.exportAccount };
  const server = await startServer({
    runtimeDir: paths.runtimeDir,
    passed: options.passed ?? [],
    version: VERSION,
    handlers: createHandlers({
      deps,
      engine,
      passes,
      session,
      examination,
      identity: { ...state.identity, seal: state.seal },
      backup: oneAtATime((order, signal) => writeBackup(backupParts, order, signal)),
    }),
    peerUid: guards.peerUid,
    notices: createNoticeSource(deps, (listener) => {
      commits.add(listener);
      return () => commits.delete(listener);
    }),
    log,
    clock,
  });
  log.info('started', { version: VERSION, account: short(deps.account), seal: state.seal.source });
  relays.onChange(() => engine.wake());
  relays.use(relaysInUse((await engine.look()).world.roles));
  engine.wake();

  return {
    pulses: () =>
      pulsesOf({
        engine: engine.beat(),
        commits: store.beat(),
        timer: waker.timer(),
        relays: relays.states(),
      }),
    async stop() {
      log.info('stopping');
      announcer.close();
      metricsFile?.close();
      const told = supervisor.stopping();
      await server.close();
      await waker.close();
      await engine.stop();
      await inbox.close();
      await relays.close();
      await state.close();
      await told;
      flush();
      log.info('stopped');
    },
  };
}

function once<T>(callback: (value: T) => void): (value: T) => void {
  let called = false;
  return (value) => {
    if (!called) callback(value);
    called = true;
  };
}
