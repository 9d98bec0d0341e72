import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { doubtful, type Finding, fine, wrong } from '../../finding.ts';
import { exists } from '../../private-file.ts';
import { scopeOf } from '../service-scope.ts';

/** Whose service: that of the user with this name and id, or with `account` that of one account of the machine. */
export interface ServiceOwner {
  readonly user: string;
  readonly uid: number;
  readonly account: string | undefined;
}

/** What the service manager knows of dialogd. */
export interface ServiceFacts {
  /** Undefined when none answers here. */
  readonly units: readonly UnitFacts[] | undefined;
  /** The user's services go on without a login; undefined where that is no question. */
  readonly lingering: boolean | undefined;
}

/** As `systemctl show` says it. */
interface UnitFacts {
  readonly load: string;
  readonly file: string;
  readonly active: string;
}

const PATIENCE_MS = 5_000;
const ENABLED = new Set(['enabled', 'enabled-runtime', 'alias', 'linked', 'generated']);

/** Asks systemd or launchd; changes nothing. */
export async function serviceFacts(owner: ServiceOwner, env: NodeJS.ProcessEnv): Promise<ServiceFacts> {
  if (process.platform === 'darwin') return launchdFacts(owner, env);
  const { account, user } = owner;
  const unit = account === undefined ? 'dialogd' : `dialogd@${account}`;
  const manager = account === undefined ? ['--user'] : [];
  const words = [
    'show',
    '--property=LoadState,UnitFileState,ActiveState',
    `${unit}.service`,
    `${unit}.socket`,
  ];
  const output = await outputOf('systemctl', [...manager, ...words], env);
  return {
    units: output?.trim().split('\n\n').map(unitOf),
    lingering: account === undefined ? await exists(join('/var/lib/systemd/linger', user)) : undefined,
  };
}

async function launchdFacts({ uid }: ServiceOwner, env: NodeJS.ProcessEnv): Promise<ServiceFacts> {
  const output = await outputOf('launchctl', ['print', `gui/${uid}/org.dialogd`], env);
  const active = /state = running/.test(output ?? '') ? 'active' : 'inactive';
  const unit =
    output === undefined
      ? { load: 'not-found', file: '', active: 'inactive' }
      : { load: 'loaded', file: 'enabled', active };
  return { units: [unit], lingering: undefined };
}

/** Undefined when the program is not there or did not end well. */
const outputOf = (program: string, args: string[], env: NodeJS.ProcessEnv): Promise<string | undefined> =>
  new Promise((resolve) => {
    execFile(program, args, { env, timeout: PATIENCE_MS }, (error, stdout) =>
      resolve(error === null ? stdout : undefined),
    );
  });

function unitOf(block: string): UnitFacts {
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(block)?.[1] ?? '';
  return { load: value('LoadState'), file: value('UnitFileState'), active: value('ActiveState') };
}

/** Installed, enabled, not failed, and not ended by a logout. */
export function judgeService({ units, lingering }: ServiceFacts, { user, account }: ServiceOwner): Finding[] {
  const scope = scopeOf(account);
  const install = `dialogctl service install${scope}`;
  const check = 'service.installed';
  if (units === undefined) {
    return [doubtful(check, 'no service manager answers here', 'run dialogd under one that restarts it')];
  }
  const loaded = units.filter(({ load }) => load === 'loaded');
  if (loaded.length === 0) return [doubtful(check, 'dialogd is not installed as a service', install)];
  const enabled = loaded.some(({ file }) => ENABLED.has(file));
  return [
    loaded.some(({ active }) => active === 'failed')
      ? wrong(check, 'the service has failed', `it says why: dialogctl service logs${scope}`)
      : fine(check, 'the service is installed'),
    enabled
      ? fine('service.enabled', 'it starts by itself')
      : doubtful('service.enabled', 'it does not start by itself', install),
    ...(lingering === false
      ? [doubtful('service.lingering', 'it stops when you log out', `loginctl enable-linger ${user}`)]
      : []),
  ];
}
