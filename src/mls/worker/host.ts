/** One worker thread for the groups that would hold up the daemon; it starts at the first call. */
import { Worker } from 'node:worker_threads';
import { DaemonError } from '../../errors.ts';
import type { Milliseconds } from '../../ids.ts';
import type { Clock } from '../../ports.ts';
import type { Answer, Call, OperationName, ThreadMessage } from './operations.ts';

/** Calls that wait or run; more are refused, so that a flood of messages cannot pile up here. */
const MAX_CALLS = 64;
/** A call of the biggest group takes about a second. */
const CALL_LIMIT_MS = 30_000 as Milliseconds;
const HEAP_LIMIT_MB = 512;

export interface GroupWorker {
  /** Errors: `busy` past the limit of calls; `internal` when the thread died or was too slow. */
  call<N extends OperationName>(name: N, call: Call<N>): Promise<Answer<N>>;
  /** True once a thread was started. */
  readonly started: boolean;
  /** Ends the thread; calls under way fail. */
  close(): Promise<void>;
}

interface Waiting {
  resolve(answer: never): void;
  reject(error: unknown): void;
  cancelLimit(): void;
}

function startThread(): Worker {
  const resourceLimits = { maxOldGenerationSizeMb: HEAP_LIMIT_MB };
  const entry = new URL('./thread.js', import.meta.url);
  if (!import.meta.url.endsWith('.ts')) return new Worker(entry, { resourceLimits });
  // Run from its sources, the thread has to load the translation first: Node 20 reads no TypeScript.
  const translation = import.meta.resolve('tsx/esm/api');
  const source = new URL('./thread.ts', import.meta.url).href;
  const code = `import('${translation}').then(({ register }) => { register(); return import('${source}'); })`;
  return new Worker(code, { eval: true, resourceLimits });
}

export function createGroupWorker(clock: Pick<Clock, 'after'>): GroupWorker {
  const waiting = new Map<number, Waiting>();
  let thread: Worker | undefined;
  let lastId = 0;

  const settle = (id: number, finish: (call: Waiting) => void): void => {
    const call = waiting.get(id);
    if (call === undefined) return;
    waiting.delete(id);
    call.cancelLimit();
    finish(call);
    if (waiting.size === 0) thread?.unref();
  };
  /** Whatever the thread was at is lost; the next call starts another. */
  const fail = (failed: Worker, cause: unknown): void => {
    if (thread !== failed) return;
    thread = undefined;
    void failed.terminate();
    const error = new DaemonError('internal', 'the thread for large groups ended', { cause });
    for (const id of [...waiting.keys()]) settle(id, ({ reject }) => reject(error));
  };
  const start = (): Worker => {
    const started = startThread();
    started.on('message', ({ id, answer, failure }: ThreadMessage) =>
      settle(id, ({ resolve, reject }) => {
        if (failure === undefined) resolve(answer as never);
        else reject(new DaemonError(failure.code, failure.message));
      }),
    );
    started.on('error', (error) => fail(started, error));
    started.on('exit', (code) => fail(started, new Error(`exit code ${code}`)));
    return started;
  };

  return {
    get started() {
      return lastId > 0;
    },
    call(name, call) {
      if (waiting.size >= MAX_CALLS) {
        const busy = new DaemonError('busy', 'too much work for large groups waits', { retryAfterSec: 5 });
        return Promise.reject(busy);
      }
      thread ??= start();
      const worker = thread;
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        const cancelLimit = clock.after(CALL_LIMIT_MS, () =>
          fail(worker, new Error(`${name} took too long`)),
        );
        waiting.set(id, { resolve, reject, cancelLimit });
        worker.ref();
        worker.postMessage({ id, name, call });
      });
    },
    async close() {
      const closing = thread;
      if (closing === undefined) return;
      fail(closing, new Error('closed'));
      await closing.terminate();
    },
  };
}
