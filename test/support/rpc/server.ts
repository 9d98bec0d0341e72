import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Handlers, NoticeSource } from '../../../src/ipc/handlers.ts';
import type { ServerLimits } from '../../../src/ipc/limits.ts';
import type { PeerUid } from '../../../src/ipc/peer.ts';
import { type RunningServer, startServer } from '../../../src/ipc/server.ts';
import type { Clock } from '../../../src/ports.ts';
import { systemClock } from '../clock.ts';
import { createRecordingLog, type RecordingLog } from '../log.ts';
import { createNoticeLog } from './notice-log.ts';
import * as samples from './samples.ts';

/** A directory of its own for this test, gone after it. */
export async function tempDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'dialogd-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Handlers that answer the samples. */
function sampleHandlers(overrides: Partial<Handlers> = {}): Handlers {
  return {
    'daemon.status': async () => samples.status,
    'daemon.health': async () => samples.health,
    'daemon.metrics': async () => samples.metrics,
    'daemon.wake': async () => ({}),
    'daemon.backup': async ({ path }) => ({ ...samples.backup, path }),
    'keyPackages.list': async ({ all, limit }) => ({
      packages: [...samples.packages, ...(all ? [samples.erasedPackage] : [])].slice(0, limit),
    }),
    'keyPackages.refresh': async ({ wait }, { progress }) => {
      const total = 11;
      for (const done of wait ? [0, 6, total] : [0]) {
        progress({ done, total, message: `${done} of ${total} confirmed` });
      }
      return { requestedAt: samples.NOW, replaced: total, confirmed: wait ? total : 0, done: wait };
    },
    'keyPackages.explain': async () => samples.explanation,
    'relays.list': async () => samples.relays,
    'relays.publishLists': async () => ({ eventIds: ['c1'.padEnd(64, '0'), 'c2'.padEnd(64, '0')] }),
    'inbox.list': async () => samples.inbox,
    'identity.show': async () => samples.identity,
    'identity.lookUp': async () => samples.lookUp,
    ...overrides,
  };
}

export interface TestServer extends RunningServer {
  readonly runtimeDir: string;
  readonly log: RecordingLog;
}

export interface TestServerOptions {
  readonly runtimeDir?: string;
  readonly handlers?: Partial<Handlers>;
  readonly notices?: NoticeSource;
  readonly limits?: Partial<ServerLimits>;
  readonly clock?: Clock;
  readonly peerUid?: PeerUid;
}

/** A server on real sockets, closed when the test is over. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const runtimeDir = options.runtimeDir ?? join(await tempDirectory(), 'run');
  const log = createRecordingLog();
  const server = await startServer({
    runtimeDir,
    version: '0.1.0',
    handlers: sampleHandlers(options.handlers),
    notices: options.notices ?? createNoticeLog(),
    limits: options.limits ?? {},
    log,
    clock: options.clock ?? systemClock,
    peerUid: options.peerUid,
  });
  onTestFinished(() => server.close());
  return { ...server, runtimeDir, log };
}
