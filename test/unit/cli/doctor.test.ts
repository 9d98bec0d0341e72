import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Answers, judgeAnswers, judgeLook } from '../../../src/cli/doctor/running.ts';
import { judgeService, type ServiceFacts, serviceFacts } from '../../../src/cli/doctor/service.ts';
import { checkSockets } from '../../../src/cli/doctor/sockets.ts';
import { DaemonError } from '../../../src/errors.ts';
import type { Finding } from '../../../src/finding.ts';
import { unixSeconds } from '../../../src/ids.ts';
import { leaveLastFailure } from '../../../src/last-failure.ts';
import { runCli } from '../../support/rpc/cli.ts';
import * as samples from '../../support/rpc/samples.ts';
import { startTestServer, tempDirectory } from '../../support/rpc/server.ts';

const bad = (findings: readonly Finding[]): string[] =>
  findings.filter(({ level }) => level !== 'ok').map(({ level, check }) => `${level} ${check}`);

const [connected] = samples.relays.relays;
const listsKnown = { 10002: true, 10050: true };
const healthy: Answers = {
  status: samples.status,
  relays: { lists: { ...samples.relays.lists, listsKnown }, relays: [connected!] },
  installed: samples.status.version,
};
const withRelay = (parts: Partial<typeof connected>): Answers => ({
  ...healthy,
  relays: { ...healthy.relays, relays: [{ ...connected!, ...parts }] },
});

describe('a running daemon', () => {
  it('in good health gives nothing to mend', () => {
    expect(bad(judgeAnswers(healthy))).toEqual([]);
  });

  it('of another version than the installed program has to be restarted', () => {
    const findings = judgeAnswers({ ...healthy, installed: '9.9.9' });
    expect(bad(findings)).toEqual(['warning daemon.version']);
    expect(findings.find(({ level }) => level !== 'ok')?.message).toContain('9.9.9');
  });

  it('passes on every warning of its own with the way out', () => {
    const findings = judgeAnswers({ ...healthy, status: samples.notInvitable });
    expect(bad(findings)).toEqual(['error health.not_invitable', 'warning health.relay_down']);
    expect(findings.find(({ level }) => level === 'error')?.repair).toContain('publish-lists');
  });

  it.each([
    [-301, ['error clock.offset']],
    [301, ['error clock.offset']],
    [61, ['warning clock.offset']],
    [60, []],
  ])('a clock that differs from the relays by %i s is %j', (clockOffsetSec, expected) => {
    expect(bad(judgeAnswers(withRelay({ clockOffsetSec })))).toEqual(expected);
  });

  it('without any relay, or with none connected, is in error; with one of two it is doubtful', () => {
    const [one, , away] = samples.relays.relays;
    const of = (relays: Answers['relays']['relays']): Answers => ({
      ...healthy,
      relays: { ...healthy.relays, relays },
    });
    expect(bad(judgeAnswers(of([])))).toEqual(['error relays.connected']);
    expect(bad(judgeAnswers(of([away!])))).toEqual(['error relays.connected']);
    const findings = judgeAnswers(of([one!, away!]));
    expect(bad(findings)).toEqual(['warning relays.connected']);
    expect(findings.find(({ level }) => level === 'warning')?.message).toContain('wss://relay.three.example');
  });

  it('with a relay that is connected and says nothing names it', () => {
    expect(judgeAnswers(withRelay({ answering: false }))).toContainEqual({
      check: 'relays.connected',
      level: 'error',
      message: '0 of 1 relay connected and answering; not: wss://relay.one.example (does not answer)',
      repair: 'dialogctl relays list',
    });
  });

  it('that knows no inbox list is told to have one published', () => {
    expect(bad(judgeAnswers({ ...healthy, relays: samples.relays }))).toContain('error relays.lists');
  });
});

describe('a look of a stranger', () => {
  it('without problems says what was found', () => {
    const [finding, ...more] = judgeLook({ ...samples.lookUp, problems: [] });
    expect(finding).toMatchObject({ level: 'ok', message: expect.stringContaining('11 KeyPackages') });
    expect(more).toEqual([]);
  });

  it('with problems says each with its repair', () => {
    expect(judgeLook(samples.lookUp)).toMatchObject([
      { check: 'stranger.list_outdated', level: 'warning', repair: 'dialogctl wake' },
    ]);
  });
});

describe('the service', () => {
  const owner = { user: 'alice', uid: 1000, account: undefined };
  const unit = { load: 'loaded', file: 'enabled', active: 'active' };
  const facts = (parts: Partial<typeof unit>, lingering = true): ServiceFacts => ({
    units: [
      { ...unit, ...parts },
      { load: 'not-found', file: '', active: 'inactive' },
    ],
    lingering,
  });

  it.each<[string, ServiceFacts, string[]]>([
    ['installed, enabled and lingering', facts({}), []],
    ['without a manager', { units: undefined, lingering: true }, ['warning service.installed']],
    ['not installed', facts({ load: 'not-found' }), ['warning service.installed']],
    ['not enabled', facts({ file: 'disabled' }), ['warning service.enabled']],
    ['failed', facts({ active: 'failed' }), ['error service.installed']],
    ['that ends with the session', facts({}, false), ['warning service.lingering']],
  ])('%s', (_what, given, expected) => {
    expect(bad(judgeService(given, owner))).toEqual(expected);
  });

  it.skipIf(process.platform !== 'linux')('is asked of systemctl as systemctl answers', async () => {
    const bin = await tempDirectory();
    const script = `#!/bin/sh
[ "$1 $2" = "--user show" ] || exit 1
printf 'LoadState=loaded\\nActiveState=active\\nUnitFileState=disabled\\n\\n'
printf 'LoadState=loaded\\nActiveState=active\\nUnitFileState=enabled\\n'
`;
    await writeFile(join(bin, 'systemctl'), script, { mode: 0o700 });
    const { units } = await serviceFacts(owner, { PATH: `${bin}:/usr/bin:/bin` });
    expect(units).toEqual([{ ...unit, file: 'disabled' }, unit]);
    expect(await serviceFacts(owner, { PATH: '/nonexistent' })).toMatchObject({ units: undefined });
  });
});

describe('the sockets', () => {
  it('of a daemon are open to nobody else', async () => {
    const { runtimeDir } = await startTestServer();
    expect(await checkSockets(runtimeDir)).toMatchObject([{ level: 'ok' }]);
  });

  it('that somebody opened to others are named with the command that closes them', async () => {
    const { runtimeDir, paths } = await startTestServer();
    await chmod(paths.full, 0o666);
    await chmod(runtimeDir, 0o755);
    expect(await checkSockets(runtimeDir)).toMatchObject([
      { level: 'error', repair: `chmod 700 ${runtimeDir}` },
      { level: 'error', repair: `chmod 600 ${paths.full}` },
    ]);
  });

  it('are not confused with whatever stands in their place', async () => {
    const runtimeDir = join(await tempDirectory(), 'run');
    expect(await checkSockets(runtimeDir)).toEqual([]);
    await mkdir(runtimeDir, { mode: 0o700 });
    await writeFile(join(runtimeDir, 'dialogd.sock'), '');
    expect(bad(await checkSockets(runtimeDir))).toEqual(['error sockets.private']);
  });
});

describe('dialogctl doctor', () => {
  it('says so when dialogd itself cannot be run', async () => {
    const runtimeDir = await tempDirectory();
    const { code, out } = await runCli(['doctor', '--runtime-dir', runtimeDir]);
    expect(code).toBe(1);
    expect(out).toContain('program.runs');
    expect(out).toContain('dialogctl service install');
  });

  it('of an account of the machine names its service where nobody answers', async () => {
    const runtimeDir = await tempDirectory();
    const place = ['--account', 'work', '--runtime-dir', runtimeDir, '--state-dir', runtimeDir];
    expect((await runCli(['doctor', ...place])).out).toContain(
      'start it: dialogctl service install --system --account work',
    );
  });

  it('says how a daemon that is gone has ended, and what to do about that', async () => {
    const stateDir = await tempDirectory();
    const failure = new DaemonError('config_invalid', 'wrong:\n  colour', { repair: 'correct it' });
    leaveLastFailure(stateDir, failure, 78, unixSeconds(samples.NOW - 300));
    const place = ['--runtime-dir', stateDir, '--state-dir', stateDir];
    const { out } = await runCli(['doctor', '--json', ...place]);
    expect((JSON.parse(out) as { findings: Finding[] }).findings).toContainEqual({
      check: 'daemon.running',
      level: 'error',
      message: 'dialogd is not running: it ended 5 min ago with config_invalid: wrong: colour',
      repair: 'correct it',
    });
  });

  it('goes on where a look cannot be taken', async () => {
    const { runtimeDir } = await startTestServer({
      handlers: {
        'identity.lookUp': () => {
          throw new Error('a bug');
        },
      },
    });
    const { out } = await runCli(['doctor', '--json', '--runtime-dir', runtimeDir]);
    const { findings } = JSON.parse(out) as { findings: Finding[] };
    expect(bad(findings)).toContain('warning stranger.look');
    expect(findings.map(({ check }) => check)).toContain('daemon.health');
  });
});
