import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createMetricsFile } from '../../../src/api/metrics-file.ts';
import { createManualClock } from '../../support/clock.ts';
import { createRecordingLog } from '../../support/log.ts';
import { tempDirectory } from '../../support/rpc/server.ts';
import { until } from '../../support/until.ts';

async function setUp(folder = '') {
  const path = join(await tempDirectory(), folder, 'dialogd.prom');
  const clock = createManualClock();
  const log = createRecordingLog();
  const file = createMetricsFile({ path, clock, log });
  /** A pass after which the figures are these. */
  const pass = (text: string): void => file.passed(async () => text);
  const holds = (text: string) =>
    until(async () => (await readFile(path, 'utf8')) === text, `the file says ${text}`);
  return { path, clock, log, file, pass, holds };
}

test('is written at once, and then once a minute at most with the newest figures', async () => {
  const { clock, pass, holds, path } = await setUp();
  pass('one');
  clock.advance(0);
  await holds('one');
  for (const text of ['two', 'three']) pass(text);
  clock.advance(59);
  expect(await readFile(path, 'utf8')).toBe('one');
  clock.advance(1);
  await holds('three');
  clock.advance(3_600);
  expect(clock.pending()).toBe(0);
});

test('can be read by the node exporter whatever the umask, and stands alone', async () => {
  const before = process.umask(0o077);
  try {
    const { clock, pass, holds, path } = await setUp();
    pass('one');
    clock.advance(0);
    await holds('one');
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('644');
    expect(await readdir(dirname(path))).toEqual(['dialogd.prom']);
  } finally {
    process.umask(before);
  }
});

test('is gone when the daemon has stopped, also when it was just being written', async () => {
  const { clock, pass, file, holds, path } = await setUp();
  pass('one');
  clock.advance(0);
  await holds('one');
  let rendered: ((text: string) => void) | undefined;
  file.passed(() => new Promise((resolve) => (rendered = resolve)));
  clock.advance(60);
  await until(() => rendered, 'the figures are asked for');
  file.close();
  rendered?.('two');
  await until(async () => (await readdir(dirname(path))).length === 0, 'nothing is left');
  pass('three');
  expect(clock.pending()).toBe(0);
});

test('that cannot be written is a warning, and comes when it can', async () => {
  const { clock, pass, log, holds, path } = await setUp('missing');
  pass('one');
  clock.advance(0);
  await until(() => log.lines.length > 0, 'the warning');
  expect(log.lines).toMatchObject([{ level: 'warn', event: 'metrics_file_failed', fields: { path } }]);
  await mkdir(dirname(path));
  pass('two');
  clock.advance(60);
  await holds('two');
});
