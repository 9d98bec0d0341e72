import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DaemonError } from '../../errors.ts';
import type { Paths } from '../../paths.ts';
import { exists, ignoreMissing } from '../../private-file.ts';
import { notifyAccess } from './notify-access.ts';
import type { LogOptions, Service } from './service.ts';
import { type CommandLine, render, type Step, textOf } from './steps.ts';

/** Where a unit stands and how it is spoken to. */
interface Unit extends Pick<Service, 'advice' | 'kept'> {
  readonly name: string;
  readonly file: string;
  readonly systemctl: CommandLine;
  readonly journal: string;
  text(): Promise<string>;
  /** Other units need the file too. */
  shared(): Promise<boolean>;
}

const UNITS = '/etc/systemd/system';
/** systemd makes a user name of it: `dialogd-NAME`, at most 31 characters. */
const ACCOUNT_NAME = /^[a-z0-9][a-z0-9_-]{0,22}$/;

/** A unit of the user's own manager. `user` is the login name. */
export function userService(
  dialogd: CommandLine,
  paths: Paths,
  { user, configHome }: { user: string; configHome: string },
): Service {
  return systemdService({
    name: 'dialogd.service',
    file: join(configHome, 'systemd/user/dialogd.service'),
    systemctl: ['systemctl', '--user'],
    journal: '--user-unit',
    text: async () =>
      render('systemd/dialogd.service', {
        COMMAND: quoted(...dialogd),
        NOTIFY: await notifyAccess(dialogd),
        CONFIG: quoted(paths.configFile),
        STATE: quoted(paths.stateDir),
      }),
    shared: async () => false,
    async advice() {
      if (await exists(join('/var/lib/systemd/linger', user))) return [];
      return [
        'Lingering is off: dialogd starts when you log in and stops when you log out.',
        `To keep it running at all times: loginctl enable-linger ${user}`,
      ];
    },
    kept: [paths.stateDir, paths.configFile],
  });
}

/** An instance of the machine's template, with a user of its own. Error: `invalid_argument`. */
export function accountService(dialogd: CommandLine, account: string): Service {
  if (!ACCOUNT_NAME.test(account)) {
    throw new DaemonError('invalid_argument', `"${account}" is no name for a service`, {
      repair: 'use up to 23 small letters, digits, - and _',
    });
  }
  const name = `dialogd@${account}.service`;
  return systemdService({
    name,
    file: join(UNITS, 'dialogd@.service'),
    systemctl: ['systemctl'],
    journal: '--unit',
    text: async () =>
      render('systemd/dialogd@.service', {
        COMMAND: quoted(...dialogd),
        NOTIFY: await notifyAccess(dialogd),
      }),
    async shared() {
      const wanted = await readdir(join(UNITS, 'multi-user.target.wants')).catch(ignoreMissing);
      return (wanted ?? []).some((other) => other.startsWith('dialogd@') && other !== name);
    },
    advice: async () => [`Its socket: dialogctl --runtime-dir /run/dialogd/${account} status`],
    kept: [`/var/lib/private/dialogd/${account}`, `/etc/dialogd/${account}`],
  });
}

function systemdService({ name, file, systemctl, journal, text, shared, advice, kept }: Unit): Service {
  const run = (...words: string[]): Step => ({ kind: 'run', command: [...systemctl, ...words] });
  return {
    async install() {
      const wanted = await text();
      const changed: Step[] =
        (await textOf(file)) === wanted
          ? []
          : [{ kind: 'write', path: file, text: wanted }, run('daemon-reload')];
      return [...changed, run('enable', name), run('restart', name)];
    },
    async uninstall() {
      if (!(await exists(file))) return [];
      const stop = run('disable', '--now', name);
      return (await shared()) ? [stop] : [stop, { kind: 'remove', path: file }, run('daemon-reload')];
    },
    status: [...systemctl, '--no-pager', '--full', 'status', name],
    logs: ({ lines, follow }: LogOptions) => [
      'journalctl',
      '--quiet',
      `${journal}=${name}`,
      `--lines=${lines}`,
      follow ? '--follow' : '--no-pager',
    ],
    advice,
    kept,
  };
}

/** Words of a command line as systemd.service(5) reads them. */
const quoted = (...words: readonly string[]): string =>
  words
    .map((word) => `"${word.replace(/["\\]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`)
    .join(' ');
