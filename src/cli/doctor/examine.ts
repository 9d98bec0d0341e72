import { userInfo } from 'node:os';
import { join } from 'node:path';
import { DaemonError } from '../../errors.ts';
import { doubtful, type Finding, failed, fine, onOneLine, wrong } from '../../finding.ts';
import type { Client } from '../../ipc/client.ts';
import { type LastFailure, readLastFailure } from '../../last-failure.ts';
import { type Paths, resolvePaths } from '../../paths.ts';
import { VERSION } from '../../version.ts';
import { type Context, NotRunning, withClient } from '../context.ts';
import { failureOf } from '../failure.ts';
import { scopeOf, toStart } from '../service-scope.ts';
import { checkOffline, type Offline } from './offline.ts';
import { type Answers, judgeAnswers, judgeLook } from './running.ts';
import { judgeService, type ServiceOwner, serviceFacts } from './service.ts';
import { checkSockets } from './sockets.ts';

/** Which installation is looked at: that of this user, or with `account` that of one account of the machine. */
export interface ExamineOptions {
  readonly account?: string;
  readonly stateDir?: string;
  readonly config?: string;
}

export interface Examination {
  readonly paths: Paths;
  readonly findings: readonly Finding[];
  /** Undefined where no daemon answers. */
  readonly answers: Answers | undefined;
  /** How the daemon ended, where none answers and the last one left word. */
  readonly lastFailure: LastFailure | undefined;
}

type Asked = Omit<Examination, 'paths'>;

/** A look of a stranger takes as long as slow relays make it. */
const LOOK_PATIENCE_MS = 90_000;

/** Looks at everything there is to look at, whether dialogd runs or not. */
export async function examine(context: Context, options: ExamineOptions): Promise<Examination> {
  const paths = pathsOf(context, options);
  const offline = await checkOffline(context, paths);
  const service = await checkService(context, options);
  const sockets = await checkSockets(paths.runtimeDir);
  const asked = await checkDaemon(context, paths, offline, options.account);
  return { ...asked, paths, findings: [...offline.findings, ...service, ...sockets, ...asked.findings] };
}

/** The same, for the daemon at these paths, unless a socket was named. */
export const reaching = (context: Context, { runtimeDir }: Paths): Context =>
  context.options.socket === undefined
    ? { ...context, options: { ...context.options, runtimeDir } }
    : context;

function pathsOf({ env, options }: Context, { account, stateDir, config }: ExamineOptions): Paths {
  const given = {
    ...(stateDir === undefined ? {} : { stateDir }),
    ...(config === undefined ? {} : { config }),
    ...(options.runtimeDir === undefined ? {} : { runtimeDir: options.runtimeDir }),
  };
  if (account === undefined) return resolvePaths(env, given);
  // Where systemd keeps what StateDirectory= and its like name, for a service with a dynamic user.
  const instance = join('dialogd', account);
  return resolvePaths(env, {
    stateDir: join('/var/lib/private', instance),
    config: join('/etc', instance, 'config.toml'),
    runtimeDir: join('/run', instance),
    ...given,
  });
}

async function checkService({ env }: Context, { account }: ExamineOptions): Promise<Finding[]> {
  const { uid, username: user } = userInfo();
  const owner: ServiceOwner = { user, uid, account };
  return judgeService(await serviceFacts(owner, env), owner);
}

async function checkDaemon(
  context: Context,
  paths: Paths,
  offline: Offline,
  account: string | undefined,
): Promise<Asked> {
  try {
    return await withClient(reaching(context, paths), 'identity.lookUp', ask);
  } catch (error) {
    const silent = { answers: undefined, lastFailure: undefined };
    if (!(error instanceof NotRunning)) return { ...silent, findings: [failed('daemon.running', error)] };
    if (offline.holder !== undefined) {
      return { ...silent, findings: [unreachable(error.path, offline.holder.pid, account)] };
    }
    const lastFailure = await readLastFailure(paths.stateDir);
    const ended = failureOf(new NotRunning(error.path, lastFailure), context.terminal.now());
    const repair = lastFailure?.repair ?? toStart(account);
    return { ...silent, lastFailure, findings: [wrong('daemon.running', onOneLine(ended.message), repair)] };
  }
}

async function ask(client: Client): Promise<Asked> {
  const status = await client.call('daemon.status', {});
  const answers = { status, relays: await client.call('relays.list', {}), installed: VERSION };
  const runs = fine('daemon.running', `process ${status.pid} answers`);
  return {
    answers,
    lastFailure: undefined,
    findings: [runs, ...judgeAnswers(answers), ...(await lookUp(client))],
  };
}

async function lookUp(client: Client): Promise<Finding[]> {
  try {
    return judgeLook(await client.call('identity.lookUp', {}, LOOK_PATIENCE_MS));
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error;
    return [
      doubtful('stranger.look', `no look was taken: ${error.message}`, 'dialogctl doctor, a little later'),
    ];
  }
}

const unreachable = (path: string, pid: number, account: string | undefined): Finding =>
  wrong(
    'daemon.running',
    `process ${pid} uses the state, and nobody answers at ${path}`,
    `name its directory with --runtime-dir, or see why: dialogctl service logs${scopeOf(account)}`,
  );
