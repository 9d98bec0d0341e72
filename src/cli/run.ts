import { type Command, CommanderError } from 'commander';
import { backup, restore } from './commands/backup.ts';
import { bugreport } from './commands/bugreport.ts';
import { completion } from './commands/completion.ts';
import { doctor } from './commands/doctor.ts';
import * as health from './commands/health.ts';
import { init } from './commands/init.ts';
import * as queries from './commands/queries.ts';
import { refreshKeys } from './commands/refresh.ts';
import * as services from './commands/service.ts';
import { top } from './commands/top.ts';
import { watch } from './commands/watch.ts';
import type { Context, GlobalOptions } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { reportFailure } from './failure.ts';
import type { InitOptions } from './init-options.ts';
import { type CommandName, createProgram } from './program.ts';

/** Runs one command line, without the program's name; returns the exit code. Only bugs are thrown. */
export async function run(argv: readonly string[], world: Omit<Context, 'options'>): Promise<number> {
  let exitCode: number = exitCodes.success;
  const program = createProgram(world.terminal, async (name, command) => {
    const context = { ...world, options: command.optsWithGlobals<GlobalOptions>() };
    exitCode = await perform(name, command, context).catch((error: unknown) => reportFailure(context, error));
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Help and version arrive here too, with 0; what was wrong has been printed.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
    throw error;
  }
}

async function perform(name: CommandName, command: Command, context: Context): Promise<number> {
  switch (name) {
    case 'init':
      return init(context, command.opts<InitOptions>(), anyGiven(command));
    case 'backup':
      return backup(context, command.args[0] as string, command.opts());
    case 'restore':
      return restore(context, command.args[0] as string, command.opts());
    case 'status':
      return health.status(context, command.opts());
    case 'health':
      return health.health(context, command.opts());
    case 'metrics':
      return queries.metrics(context);
    case 'keys list':
      return queries.listKeys(context, command.opts());
    case 'keys refresh':
      return refreshKeys(context, command.opts());
    case 'keys explain':
      return queries.explainKeys(context);
    case 'relays list':
      return queries.listRelays(context);
    case 'relays publish-lists':
      return queries.publishLists(context, command.opts());
    case 'watch':
      return watch(context, command.opts());
    case 'top':
      return top(context);
    case 'wake':
      return queries.wake(context);
    case 'identity show':
      return queries.showIdentity(context);
    case 'inbox list':
      return queries.listInbox(context);
    case 'doctor':
      return doctor(context, command.opts());
    case 'bugreport':
      return bugreport(context, command.opts());
    case 'service install':
      return services.installService(context, command.opts());
    case 'service uninstall':
      return services.uninstallService(context, command.opts());
    case 'service status':
      return services.serviceStatus(context, command.opts());
    case 'service logs':
      return services.serviceLogs(context, command.opts());
    case 'completion':
      return completion(context, command);
  }
}

const anyGiven = (command: Command): boolean =>
  Object.keys(command.opts()).some((name) => command.getOptionValueSource(name) === 'cli');
