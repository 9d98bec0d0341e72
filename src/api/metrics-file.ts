import { renameSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { milliseconds, type UnixSeconds } from '../ids.ts';
import type { Clock, Log } from '../ports.ts';

const WRITE_EVERY_SEC = 60;
/** The node exporter is another user. */
const MODE = 0o644;

export interface MetricsFile {
  /** The engine made a pass: `render` has the newest figures, if they are written at all. */
  passed(render: () => Promise<string>): void;
  /** Ends the writing and removes the file: nothing stale stays. */
  close(): void;
}

interface Parts {
  /** Absolute; the node exporter reads what ends in `.prom`. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Figures for the textfile collector of Prometheus' node exporter, after passes, once a minute at most. */
export function createMetricsFile({ path, clock, log }: Parts): MetricsFile {
  let latest: (() => Promise<string>) | undefined;
  let writtenAt: UnixSeconds | undefined;
  let cancel: (() => void) | undefined;
  let last = Promise.resolve();
  let closed = false;

  async function write(): Promise<void> {
    const render = latest;
    latest = undefined;
    try {
      if (render !== undefined) await replace(path, await render(), () => !closed);
    } catch (error) {
      log.warn('metrics_file_failed', { path, reason: (error as Error).message });
    }
  }

  return {
    passed(render) {
      if (closed) return;
      latest = render;
      if (cancel !== undefined) return;
      const sinceSec = writtenAt === undefined ? WRITE_EVERY_SEC : clock.now() - writtenAt;
      const waitSec = Math.min(WRITE_EVERY_SEC, Math.max(0, WRITE_EVERY_SEC - sinceSec));
      cancel = clock.after(milliseconds(waitSec * 1_000), () => {
        cancel = undefined;
        writtenAt = clock.now();
        last = last.then(write);
      });
    },
    close() {
      closed = true;
      cancel?.();
      removeMetricsFile(path);
    },
  };
}

/** There whole or not at all, unless `wanted` says at the last moment that it is not. */
async function replace(path: string, text: string, wanted: () => boolean): Promise<void> {
  const unfinished = `${path}.new`;
  await rm(unfinished, { force: true });
  const handle = await open(unfinished, 'wx', MODE);
  try {
    // The umask of this process is for its secrets.
    await handle.chmod(MODE);
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
  if (wanted()) renameSync(unfinished, path);
  else await rm(unfinished, { force: true });
}

/** Also for a process that is ending; best effort. */
export function removeMetricsFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}
