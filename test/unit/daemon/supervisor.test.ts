import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createSupervisor } from '../../../src/daemon/supervisor.ts';
import { createRecordingLog } from '../../support/log.ts';

/** A directory with a `systemd-notify` that runs this script. */
async function programs(script: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'dialogd-notify-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, 'systemd-notify'), `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  return directory;
}

async function supervised(script: string, env: NodeJS.ProcessEnv = { NOTIFY_SOCKET: '@dialogd' }) {
  const directory = await programs(script);
  const log = createRecordingLog();
  const told = join(directory, 'told');
  const supervisor = await createSupervisor({ PATH: `${directory}:/usr/bin:/bin`, TOLD: told, ...env }, log);
  return { supervisor, log, told: () => readFile(told, 'utf8').catch(() => '') };
}

const KEEP = 'printf "%s|" "$NOTIFY_SOCKET" "$@" >> "$TOLD"; echo >> "$TOLD"';

test('everything is told in order, and a status keeps to its line', async () => {
  const { supervisor, told, log } = await supervised(KEEP);
  supervisor.ready('all is well\nMAINPID=1');
  supervisor.status('11/11 published');
  supervisor.reloading();
  supervisor.reloaded();
  await supervisor.stopping();
  expect((await told()).split('\n')).toEqual([
    '@dialogd|READY=1|STATUS=all is well MAINPID=1|',
    '@dialogd|STATUS=11/11 published|',
    '@dialogd|RELOADING=1|',
    '@dialogd|READY=1|',
    '@dialogd|STOPPING=1|',
    '',
  ]);
  expect(log.lines).toEqual([
    { level: 'info', event: 'supervisor', fields: { transport: 'systemd-notify' } },
  ]);
});

test('a reload before the start is done does not end the start', async () => {
  const { supervisor, told } = await supervised(KEEP);
  supervisor.reloading();
  supervisor.reloaded();
  await supervisor.stopping();
  expect(await told()).toBe('@dialogd|STOPPING=1|\n');
});

test('without a service manager nothing is run, and the log says so', async () => {
  const { supervisor, told, log } = await supervised(KEEP, {});
  supervisor.ready('all is well');
  await supervisor.stopping();
  expect(await told()).toBe('');
  expect(log.lines).toEqual([{ level: 'info', event: 'supervisor', fields: { transport: 'none' } }]);
});

test('without systemd-notify the log says that nobody is told', async () => {
  const log = createRecordingLog();
  const supervisor = await createSupervisor({ NOTIFY_SOCKET: '@dialogd', PATH: '/nonexistent' }, log);
  supervisor.ready('all is well');
  await supervisor.stopping();
  expect(log.lines[0]).toMatchObject({ event: 'supervisor', fields: { transport: 'none' } });
});

test('a service manager that does not listen is logged once and holds nothing up', async () => {
  const { supervisor, log } = await supervised('exit 1');
  supervisor.ready('all is well');
  supervisor.status('still');
  await supervisor.stopping();
  expect(log.lines.map(({ event }) => event)).toEqual(['supervisor', 'supervisor_not_told']);
});
