/** The built program: what only a process of its own can show. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createNoticeLog } from '../support/rpc/notice-log.ts';
import { startTestServer } from '../support/rpc/server.ts';
import { until } from '../support/until.ts';

const DIALOGCTL = join(import.meta.dirname, '../../dist/cli/main.js');

interface Started {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  output(): string;
}

function dialogctl(argv: readonly string[], env: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(process.execPath, [DIALOGCTL, ...argv], { env: { ...process.env, ...env } });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      written += chunk;
    });
  }
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return { child, exited, output: () => written };
}

async function watching(count: number) {
  const notices = createNoticeLog(count);
  const { runtimeDir } = await startTestServer({ notices });
  const started = dialogctl(['watch', '--since', '0', '--runtime-dir', runtimeDir]);
  await until(() => started.output().includes('notice 1'), 'the first notice', 20_000);
  return { ...started, notices };
}

it('writes plain text into a pipe even where colours are forced upon others', async () => {
  const { runtimeDir } = await startTestServer();
  const { exited, output } = dialogctl(['status', '--runtime-dir', runtimeDir], { FORCE_COLOR: '1' });
  expect(await exited).toBe(0);
  expect(output()).toContain('11/11 published');
  expect(output()).not.toContain('\u001b');
});

it('ends with 3 where no daemon is', async () => {
  const { exited } = dialogctl(['status', '--socket', '/nonexistent/dialogd.sock']);
  expect(await exited).toBe(3);
});

it.each(['SIGINT', 'SIGTERM'] as const)('watch ends with 0 at %s', async (signal) => {
  const { child, exited } = await watching(1);
  child.kill(signal);
  expect(await exited).toBe(0);
});

it('watch ends with 0 when its reader has seen enough', async () => {
  const { child, exited, notices, output } = await watching(1);
  child.stdout?.destroy();
  await until(() => {
    notices.write('more', 'x');
    return child.exitCode !== null;
  }, 'its end');
  expect(await exited).toBe(0);
  expect(output()).not.toContain('EPIPE');
});
