import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { launchAgent } from '../../../src/cli/service/launchd.ts';
import { perform, type Step } from '../../../src/cli/service/steps.ts';
import { accountService, userService } from '../../../src/cli/service/systemd.ts';
import { launchdJob, parsePlist } from '../../support/plist.ts';
import { runCli } from '../../support/rpc/cli.ts';

/** What XML has signs of its own for. */
const STATE = 'state & <more>';
const PROGRAM = ['/opt/my node', '/opt/100%/main.js'] as const;

/** A home whose `launchctl` writes down how it was called. */
async function mac() {
  const home = await mkdtemp(join(tmpdir(), 'dialogd-mac-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const calls = join(home, 'calls');
  await mkdir(join(home, 'bin'));
  // As the real one, it fails for what is not loaded.
  const script = `#!/bin/sh\necho "$@" >> '${calls}'\ncase $1 in bootout) exit 3 ;; esac\n`;
  await writeFile(join(home, 'bin/launchctl'), script, { mode: 0o700 });
  const paths = { stateDir: join(home, STATE), configFile: join(home, 'c.toml'), runtimeDir: '/r' };
  const env = { PATH: `${join(home, 'bin')}:/usr/bin:/bin` };
  return {
    service: launchAgent(PROGRAM, paths, { uid: 501, home }),
    home,
    agents: join(home, 'Library/LaunchAgents'),
    calls: () => readFile(calls, 'utf8'),
    async follow(steps: readonly Step[]) {
      for (const step of steps) await perform(step, env, 'look');
    },
  };
}

describe('launchd', () => {
  it('is given a property list with every word of the command line, and started', async () => {
    const { service, home, agents, calls, follow } = await mac();
    await follow(await service.install());
    const file = join(agents, 'org.dialogd.plist');
    expect(launchdJob.parse(parsePlist(await readFile(file, 'utf8')))).toMatchObject({
      Label: 'org.dialogd',
      ProgramArguments: [...PROGRAM, '--config', join(home, 'c.toml'), '--state-dir', join(home, STATE)],
      KeepAlive: { SuccessfulExit: false },
      Umask: 0o077,
      HardResourceLimits: { Core: 0 },
      StandardErrorPath: join(home, 'Library/Logs/dialogd.log'),
    });
    expect(await calls()).toBe(`bootout gui/501/org.dialogd\nbootstrap gui/501 ${file}\n`);
  });

  it.each([
    ['a key without its value', '<true/>', ''],
    ['a key twice', 'RunAtLoad', 'Label'],
    ['a value of another type', '<integer>10</integer>', '<string>10</string>'],
    ['a key that launchd does not know', 'ThrottleInterval', 'ThrottleIntervall'],
    ['text where none may be', '<dict>', '<dict>and'],
    ['a tag that is not closed', '</array>', ''],
    ['a sign that is not escaped', '&amp;', '&'],
  ])('%s would be found', async (_what, part, other) => {
    const { service } = await mac();
    const [step] = await service.install();
    const text = step?.kind === 'write' ? step.text : '';
    expect(text).toContain(part);
    expect(() => launchdJob.parse(parsePlist(text.replace(part, other)))).toThrow();
  });

  it('installed again, only starts it again', async () => {
    const { service, follow } = await mac();
    await follow(await service.install());
    expect((await service.install()).map(({ kind }) => kind)).toEqual(['run', 'run']);
  });

  it('uninstalled, knows nothing of it any more', async () => {
    const { service, agents, calls, follow } = await mac();
    await follow(await service.install());
    await follow(await service.uninstall());
    expect(await readdir(agents)).toEqual([]);
    expect((await calls()).trimEnd().split('\n').at(-1)).toBe('bootout gui/501/org.dialogd');
    expect(await service.uninstall()).toEqual([]);
  });
});

describe('systemd', () => {
  it('is told paths with spaces and percent signs so that it reads them back', async () => {
    const paths = { stateDir: '/s "x"', configFile: '/c$HOME', runtimeDir: '/r' };
    const steps = await userService(PROGRAM, paths, { user: 'a', configHome: '/nonexistent' }).install();
    expect(steps).toContainEqual({
      kind: 'write',
      path: '/nonexistent/systemd/user/dialogd.service',
      text: expect.stringContaining(
        'ExecStart="/opt/my node" "/opt/100%%/main.js" --config "/c$$HOME" --state-dir "/s \\"x\\""\n',
      ),
    });
  });

  it.each([
    ['speaks for itself', '{"native":true}', 'main'],
    ['needs systemd-notify', '{"native":false}', 'all'],
    ['does not say', 'nothing', 'all'],
  ])('is told to hear a daemon that %s', async (_, says, access) => {
    const program = [process.execPath, '-e', `console.log('${says}')`, '--'] as const;
    const paths = { stateDir: '/s', configFile: '/c', runtimeDir: '/r' };
    for (const service of [
      userService(program, paths, { user: 'a', configHome: '/nonexistent' }),
      accountService(program, 'work'),
    ]) {
      const steps = await service.install();
      expect(steps).toContainEqual(
        expect.objectContaining({ text: expect.stringContaining(`\nNotifyAccess=${access}\n`) }),
      );
    }
  });

  it('is told to leave the sockets to those who wait unless their unit changed', async () => {
    const configHome = await mkdtemp(join(tmpdir(), 'dialogd-units-'));
    onTestFinished(() => rm(configHome, { recursive: true, force: true }));
    const paths = { stateDir: '/s', configFile: '/c', runtimeDir: '/r' };
    const install = async (...program: [string, ...string[]]): Promise<string[]> => {
      const steps = await userService(program, paths, { user: 'a', configHome }).install();
      for (const step of steps) if (step.kind === 'write') await perform(step, {}, 'look');
      return steps.map((step) => (step.kind === 'run' ? step.command.slice(2).join(' ') : step.kind));
    };
    const everyTime = ['enable dialogd.socket dialogd.service', 'reset-failed dialogd.*'];
    expect(await install('/one')).toEqual([
      ...['write', 'write', 'daemon-reload'],
      ...everyTime,
      'restart dialogd.socket dialogd.service',
    ]);
    expect(await install('/two')).toEqual([
      ...['write', 'daemon-reload'],
      ...everyTime,
      'restart dialogd.service',
    ]);
    expect(await install('/two')).toEqual([...everyTime, 'restart dialogd.service']);
  });

  it.each(['', 'Work', '../x', 'a b', 'a'.repeat(24), '-a'])('refuses "%s" as a name', (name) => {
    expect(() => accountService(PROGRAM, name)).toThrow('is no name for a service');
  });
});

it.each(['--system', '--account work'])('%s alone is refused with what to write', async (flags) => {
  const { code, err } = await runCli(['service', 'status', ...flags.split(' ')]);
  expect([code, err]).toEqual([1, expect.stringContaining('--system and --account NAME together')]);
});
