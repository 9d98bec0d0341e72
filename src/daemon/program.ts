/** Every command of dialogd with its options; running it is passed in, so that this can also be read. */
import { Argument, Command, Option } from 'commander';
import { LOG_LEVELS } from '../config.ts';
import { completionScript, type Shell, shells } from '../usage/completion.ts';
import { shapeOf } from '../usage/shape.ts';
import { VERSION } from '../version.ts';
import { addBackupCommands } from './commands/backup.ts';
import { addCheckCommand } from './commands/check.ts';
import { addInitCommand } from './commands/init.ts';

export interface RunOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly runtimeDir?: string;
  readonly logLevel?: string;
}

/** What the commands do that have no file of their own. */
export interface Actions {
  run(options: RunOptions): Promise<void>;
  guards(): void;
}

/** Errors of usage are thrown as CommanderError, after they were printed. */
export function createProgram({ run, guards }: Actions): Command {
  const program = new Command('dialogd')
    .description('Keeps one account invitable: the key agent for encrypted group messaging on Nostr.')
    .version(VERSION)
    .option('--config <file>', 'configuration file (TOML)')
    .option('--state-dir <dir>', 'where keys and state are kept')
    .option('--runtime-dir <dir>', 'where the sockets are made')
    .addOption(new Option('--log-level <level>', 'log nothing below this').choices(LOG_LEVELS))
    .exitOverride()
    .action(run);
  addInitCommand(program);
  addBackupCommands(program);
  addCheckCommand(program);
  program
    .command('guards')
    .description('what this installation can guard a daemon with, as JSON')
    .action(guards);
  program
    .command('completion')
    .description('print a script that completes command lines')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .action((shell: Shell) => void process.stdout.write(completionScript(shell, shapeOf(program))));
  return program;
}
