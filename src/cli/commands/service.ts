import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { DaemonError } from '../../errors.ts';
import { resolvePaths } from '../../paths.ts';
import { exists } from '../../private-file.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { launchAgent } from '../service/launchd.ts';
import type { LogOptions, Service } from '../service/service.ts';
import { describe, perform, runCommand, type Step } from '../service/steps.ts';
import { accountService, userService } from '../service/systemd.ts';

/** Whose service: the user's own, or with `system` that of one account of the machine. */
export interface ServiceOptions {
  readonly system?: boolean;
  readonly account?: string;
  readonly dryRun?: boolean;
}

export async function installService(context: Context, options: ServiceOptions): Promise<number> {
  const service = serviceOf(context, options);
  await follow(context, options, await service.install());
  if (!options.dryRun) context.terminal.out('dialogd is installed and runs.\n');
  await advise(context, service);
  return exitCodes.success;
}

export async function uninstallService(context: Context, options: ServiceOptions): Promise<number> {
  const service = serviceOf(context, options);
  const steps = await service.uninstall();
  if (steps.length === 0) context.terminal.out('Nothing is installed.\n');
  await follow(context, options, steps);
  const kept: string[] = [];
  // What may not be looked at may be there.
  for (const path of service.kept) if (await exists(path).catch(() => true)) kept.push(path);
  if (kept.length > 0) context.terminal.out(`Kept, with the account and its keys: ${kept.join(', ')}\n`);
  return exitCodes.success;
}

export async function serviceStatus(context: Context, options: ServiceOptions): Promise<number> {
  const service = serviceOf(context, options);
  const code = await runCommand(service.status, context.env);
  await advise(context, service);
  return code === exitCodes.success || code === exitCodes.notRunning ? code : exitCodes.error;
}

export async function serviceLogs(context: Context, options: ServiceOptions & LogOptions): Promise<number> {
  const code = await runCommand(serviceOf(context, options).logs(options), context.env);
  return code === 0 ? exitCodes.success : exitCodes.error;
}

function serviceOf({ dialogd, env }: Context, { system = false, account }: ServiceOptions): Service {
  const { uid, username } = userInfo();
  if (system !== (account !== undefined)) {
    throw new DaemonError('invalid_argument', 'a service of the system is that of one account', {
      repair: 'give --system and --account NAME together, or neither',
    });
  }
  const home = env.HOME ?? homedir();
  if (process.platform === 'darwin' && account === undefined) {
    return launchAgent(dialogd, resolvePaths(env), { uid, home });
  }
  if (process.platform !== 'linux') {
    throw new DaemonError('unsupported', `there is no such service on ${process.platform}`, {
      repair: 'start dialogd under the supervisor of this machine',
    });
  }
  if (account !== undefined) return accountService(dialogd, account);
  const configHome = env.XDG_CONFIG_HOME ?? join(home, '.config');
  return userService(dialogd, resolvePaths(env), { user: username, configHome });
}

/** Shows every step, and performs it unless told not to. */
async function follow(
  { terminal, env }: Context,
  { dryRun, system, account }: ServiceOptions,
  steps: readonly Step[],
): Promise<void> {
  const scope = system ? ` --system --account ${account}` : '';
  if (system && !dryRun && process.geteuid?.() !== 0) {
    throw new DaemonError('invalid_argument', 'only root changes the services of the system', {
      repair: `run it again with sudo, or look first: --dry-run`,
    });
  }
  if (dryRun && steps.length > 0) terminal.out('Nothing is done. Without --dry-run:\n');
  for (const step of steps) {
    terminal.out(describe(step));
    if (!dryRun) await perform(step, env, `it says why: dialogctl service logs${scope}`);
    else if (step.kind === 'write') terminal.out(step.text.trimEnd().replace(/^/gm, '  | ').concat('\n'));
  }
}

async function advise({ terminal }: Context, service: Service): Promise<void> {
  for (const line of await service.advice()) terminal.out(`${line}\n`);
}
