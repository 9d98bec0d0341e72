/** The built daemon as its user meets it: how fast it is there, and what it costs while nothing happens. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import {
  connectTo,
  createInstallation,
  type DaemonProcess,
  initialise,
  startDaemonProcess,
  untilWhole,
} from '../test/support/program.ts';
import { startRelay } from '../test/support/relay.ts';
import { line, median } from './figures.ts';

const STARTS = 5;
const IDLE_SEC = 60;

export async function benchDaemon(): Promise<void> {
  const relay = await startRelay();
  try {
    await coldStarts(relay.url);
    await idleMinute(relay.url);
  } finally {
    await relay.stop();
  }
}

/** Each start with a new identity, so that all 11 packages are made and published. */
async function coldStarts(url: Awaited<ReturnType<typeof startRelay>>['url']): Promise<void> {
  const answering: number[] = [];
  const whole: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const installation = await createInstallation();
    await initialise(installation, [url]);
    const startedAt = performance.now();
    const daemon = startDaemonProcess(installation);
    const client = await connectTo(installation);
    answering.push(performance.now() - startedAt);
    await untilWhole(client);
    whole.push(performance.now() - startedAt);
    client.close();
    await daemon.kill('SIGTERM');
    await installation.remove();
  }
  line(`cold start to the socket answering (median of ${STARTS})`, `${median(answering).toFixed(0)} ms`);
  line('cold start to 11 of 11 confirmed', `${median(whole).toFixed(0)} ms`);
}

async function idleMinute(url: Awaited<ReturnType<typeof startRelay>>['url']): Promise<void> {
  const installation = await createInstallation();
  await initialise(installation, [url]);
  const daemon = startDaemonProcess(installation);
  try {
    const client = await connectTo(installation);
    await untilWhole(client);
    client.close();
    if (process.platform !== 'linux') return line('idle figures', 'need /proc');
    // What follows a start (reading back, compaction) is not idleness.
    await delay(15_000);
    const before = await usage(daemon);
    await delay(IDLE_SEC * 1_000);
    const after = await usage(daemon);
    line('resident memory when idle', `${(after.residentKb / 1_024).toFixed(0)} MiB`);
    line(`CPU over ${IDLE_SEC} idle seconds`, `${((after.ticks - before.ticks) * 10).toFixed(0)} ms`);
    line(`wake-ups over ${IDLE_SEC} idle seconds, all threads`, `${after.wakeUps - before.wakeUps}`);
  } finally {
    await daemon.kill('SIGTERM');
    await installation.remove();
  }
}

/** From /proc (proc(5)): clock ticks of 10 ms, KiB, and voluntary context switches of every thread. */
async function usage({ pid }: DaemonProcess) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [, residentPages = 0] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ').map(Number);
  const threads = await readdir(`/proc/${pid}/task`);
  const switches = await Promise.all(
    threads.map(async (thread) => {
      const status = await readFile(`/proc/${pid}/task/${thread}/status`, 'utf8');
      return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    }),
  );
  return {
    ticks: (fields[11] ?? 0) + (fields[12] ?? 0),
    residentKb: residentPages * 4,
    wakeUps: switches.reduce((sum, each) => sum + each, 0),
  };
}
