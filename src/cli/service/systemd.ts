import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DaemonError } from '../../errors.ts';
import type { Paths } from '../../paths.ts';
import { exists, ignoreMissing } from '../../private-file.ts';
import { notifyAccess } from './notify-access.ts';
import type { LogOptions, Service } from './service.ts';
import { type CommandLine, render, type Step, textOf } from './steps.ts';

/** A socket unit and the service unit of the same name: where they stand and how they are spoken to. */
interface Units extends Pick<Service, 'advice' | 'kept'> {
  /** Without its suffix. */
  readonly name: string;
  /** Their files in `directory`, without the suffix: those of the package, rendered with `dialogd` and `values`. */
  readonly file: string;
  readonly directory: string;
  readonly dialogd: CommandLine;
  readonly values: Readonly<Record<string, string>>;
  readonly systemctl: CommandLine;
  readonly journal: string;
  /** Other units need the files too. */
  shared(): Promise<boolean>;
}

type Write = Extract<Step, { kind: 'write' }>;

const UNITS = '/etc/systemd/system';
/** systemd makes a user name of it: `dialogd-NAME`, at most 31 characters. */
const ACCOUNT_NAME = /^[a-z0-9][a-z0-9_-]{0,22}$/;

/** A unit of the user's own manager. `user` is the login name. */
export function userService(
  dialogd: CommandLine,
  paths: Paths,
  { user, configHome }: { user: string; configHome: string },
): Service {
  const directory = join(configHome, 'systemd/user');
  return systemdService({
    name: 'dialogd',
    file: 'dialogd',
    directory,
    dialogd,
    values: {
      CONFIG: quoted(paths.configFile),
      STATE: quoted(paths.stateDir),
    },
    systemctl: ['systemctl', '--user'],
    journal: '--user-unit',
    shared: async () => false,
    async advice() {
      if (await exists(join('/var/lib/systemd/linger', user))) return [];
      return [
        'Lingering is off: dialogd starts when you log in and stops when you log out.',
        `To keep it running at all times: loginctl enable-linger ${user}`,
      ];
    },
    kept: [paths.stateDir, paths.configFile, ...dropIns(directory, 'dialogd')],
  });
}

/** An instance of the machine's template, with a user of its own. Error: `invalid_argument`. */
export function accountService(dialogd: CommandLine, account: string): Service {
  if (!ACCOUNT_NAME.test(account)) {
    throw new DaemonError('invalid_argument', `"${account}" is no name for a service`, {
      repair: 'use up to 23 small letters, digits, - and _',
    });
  }
  const name = `dialogd@${account}`;
  return systemdService({
    name,
    file: 'dialogd@',
    directory: UNITS,
    dialogd,
    values: {},
    systemctl: ['systemctl'],
    journal: '--unit',
    async shared() {
      const wanted = await readdir(join(UNITS, 'multi-user.target.wants')).catch(ignoreMissing);
      return (wanted ?? []).some((other) => other.startsWith('dialogd@') && other !== `${name}.service`);
    },
    advice: async () => [`Its socket: dialogctl --runtime-dir /run/dialogd/${account} status`],
    kept: [
      `/var/lib/private/dialogd/${account}`,
      `/etc/dialogd/${account}`,
      `/etc/credstore/dialogd-seal.${account}`,
      `/etc/credstore.encrypted/dialogd-seal.${account}`,
      ...dropIns(UNITS, name),
    ],
  });
}

function systemdService(units: Units): Service {
  const { name, file, directory, dialogd, values, systemctl, journal, shared, advice, kept } = units;
  const run = (...words: string[]): Step => ({ kind: 'run', command: [...systemctl, ...words] });
  const [socket, service] = [`${name}.socket`, `${name}.service`];
  const [socketFile, serviceFile] = [join(directory, `${file}.socket`), join(directory, `${file}.service`)];
  // A pattern, which may match nothing: units that failed are forgotten, and how often they were tried.
  const forget = run('reset-failed', `${name}.*`);
  return {
    async install() {
      const words = { ...values, COMMAND: quoted(...dialogd), NOTIFY: await notifyAccess(dialogd) };
      const writes: Write[] = [];
      for (const path of [socketFile, serviceFile]) {
        const text = await render(`systemd/${basename(path)}`, words);
        if ((await textOf(path)) !== text) writes.push({ kind: 'write', path, text });
      }
      // Sockets that stay as they are let clients wait for the new daemon; changed ones have to be made anew.
      const anew = writes.some(({ path }) => path === socketFile) ? [socket, service] : [service];
      return [
        ...writes,
        ...(writes.length > 0 ? [run('daemon-reload')] : []),
        run('enable', socket, service),
        forget,
        run('restart', ...anew),
      ];
    },
    async uninstall() {
      const removals: Step[] = [];
      for (const path of [socketFile, serviceFile]) {
        if (await exists(path)) removals.push({ kind: 'remove', path });
      }
      if (removals.length === 0) return [];
      const stop = [run('disable', '--now', socket, service), forget];
      return (await shared()) ? stop : [...stop, ...removals, run('daemon-reload')];
    },
    status: [...systemctl, '--no-pager', '--full', 'status', service, socket],
    logs: ({ lines, follow }: LogOptions) => [
      'journalctl',
      '--quiet',
      `${journal}=${service}`,
      `${journal}=${socket}`,
      `--lines=${lines}`,
      follow ? '--follow' : '--no-pager',
    ],
    advice,
    kept,
  };
}

/** Where `systemctl edit` puts what an operator adds to the units of this name. */
const dropIns = (directory: string, name: string): string[] =>
  ['socket', 'service'].map((kind) => join(directory, `${name}.${kind}.d`));

/** Words of a command line as systemd.service(5) reads them. */
const quoted = (...words: readonly string[]): string =>
  words
    .map((word) => `"${word.replace(/["\\]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`)
    .join(' ');
