/** Every command of dialogctl with its options; what they do is passed in, so that this can also be read. */
import { Argument, Command, Option } from 'commander';
import { shells } from '../usage/completion.ts';
import { wholeNumber } from '../usage/whole-number.ts';
import { VERSION } from '../version.ts';
import { examplesHelp } from './examples.ts';
import { exitCodeHelp } from './exit-codes.ts';
import { groupCommands, MORE } from './help-groups.ts';
import { COLUMNS, type Terminal } from './terminal.ts';

export type CommandName =
  | 'init'
  | 'backup'
  | 'restore'
  | 'status'
  | 'health'
  | 'metrics'
  | 'keys list'
  | 'keys refresh'
  | 'keys explain'
  | 'relays list'
  | 'relays publish-lists'
  | 'inbox list'
  | 'watch'
  | 'top'
  | 'wake'
  | 'identity show'
  | 'doctor'
  | 'bugreport'
  | 'service install'
  | 'service uninstall'
  | 'service status'
  | 'service logs'
  | 'completion';

/** Called with the command that was chosen. */
export type Chosen = (name: CommandName, command: Command) => Promise<void>;

const BEGINNING = `
To begin: dialogctl init, then dialogctl service install, then dialogctl status.
"dialogctl help COMMAND" has the options of a command, with examples.
`;

/** Errors of usage are thrown as CommanderError, after they were printed. */
export function createProgram(terminal: Pick<Terminal, 'out' | 'err'>, chosen: Chosen): Command {
  const program = new Command('dialogctl')
    .description('Looks after dialogd, which keeps one account invitable.')
    .version(VERSION)
    .addOption(
      new Option('--socket <path>', 'socket of the daemon, instead of looking for it').conflicts(
        'runtimeDir',
      ),
    )
    .option('--runtime-dir <dir>', 'directory its sockets are in, of another account')
    .option('--json', 'print JSON for programs')
    .addHelpText('after', `${BEGINNING}${exitCodeHelp}`)
    .commandsGroup(MORE)
    .helpCommand(true)
    .exitOverride()
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      getOutHelpWidth: () => COLUMNS,
      getErrHelpWidth: () => COLUMNS,
    })
    .configureHelp({ showGlobalOptions: true });

  const add = (parent: Command, name: CommandName, description: string): Command => {
    const word = name.split(' ').at(-1) ?? name;
    const command = parent.command(word).description(description).addHelpText('after', examplesHelp(name));
    return command.action(() => chosen(name, command));
  };
  addInit(add(program, 'init', 'create or import the account'));
  for (const command of [
    add(program, 'status', 'whether all is well, and what is not'),
    add(program, 'health', 'the same in short, for scripts: live, ready, fresh'),
  ]) {
    command.option('--state-dir <dir>', 'where a daemon that is gone may have left word of why');
  }
  add(program, 'metrics', 'figures for Prometheus, in its text format');
  const keys = program.command('keys').description('the published KeyPackages');
  add(keys, 'keys list', 'every KeyPackage and where it stands')
    .option('--all', 'also those whose private keys are gone')
    .option('--relays', 'one line for each relay');
  add(keys, 'keys refresh', 'replace every current KeyPackage').option(
    '--no-wait',
    'do not wait for the relays',
  );
  add(keys, 'keys explain', 'what the daemon will do next, when and why');
  const relays = program.command('relays').description('relay lists and connections');
  add(relays, 'relays list', 'every relay and its connection');
  add(relays, 'relays publish-lists', 'publish where the account can be found and reached')
    .requiredOption('--write <url...>', 'where KeyPackages are published (NIP-65)')
    .requiredOption('--inbox <url...>', 'where invitations arrive (NIP-17)');
  const inbox = program.command('inbox').description('what has come for the account');
  add(inbox, 'inbox list', 'what waits, what it was, and of whom');
  add(program, 'watch', 'print notices as they are written').option(
    '--since <number>',
    'go on after this notice',
    wholeNumber,
  );
  add(program, 'top', 'everything at a glance, live; q quits');
  add(program, 'wake', 'let the daemon look at everything now');
  addBackup(add(program, 'backup', 'write the account and its state into an encrypted file')).option(
    '--force',
    'replace a file that is there',
  );
  addBackup(add(program, 'restore', 'make an empty state directory that of a backup'));
  const identity = program.command('identity').description('the account');
  add(identity, 'identity show', 'whose keys these are and what seals them');
  addExamination(add(program, 'doctor', 'examine the installation, and what a stranger sees'));
  addExamination(add(program, 'bugreport', 'all of that without names, to paste in public')).option(
    '--output <file>',
    'write it there',
  );
  addService(program.command('service').description('dialogd as a service of this machine'), add);
  add(program, 'completion', 'print a script that completes command lines').addArgument(
    new Argument('<shell>', 'which shell').choices(shells),
  );
  groupCommands(program);
  return program;
}

function addExamination(command: Command): Command {
  return command
    .option('--account <name>', 'that of an account of the machine')
    .option('--state-dir <dir>', 'where dialogd keeps its state')
    .option('--config <file>', 'configuration file of dialogd');
}

function addService(
  parent: Command,
  add: (parent: Command, name: CommandName, description: string) => Command,
): void {
  const commands = {
    install: add(parent, 'service install', 'install and start it; again after an upgrade'),
    uninstall: add(parent, 'service uninstall', 'stop and remove it; the account stays'),
    status: add(parent, 'service status', 'what the service manager says'),
    logs: add(parent, 'service logs', 'what it has written')
      .option('--lines <number>', 'so many of the newest lines', wholeNumber, 50)
      .option('--follow', 'go on as more is written'),
  };
  for (const command of Object.values(commands)) {
    command
      .option('--system', 'that of the machine instead of your own')
      .option('--account <name>', 'which account of the machine; with --system');
  }
  for (const command of [commands.install, commands.uninstall]) {
    command.option('--dry-run', 'show what would be done, and do nothing');
  }
}

function addBackup(command: Command): Command {
  const passphrase = (flags: string, description: string, other: string): Option =>
    new Option(flags, description).conflicts(other);
  return command
    .argument('<file>', 'the backup, which the tool age opens too')
    .addOption(
      passphrase(
        '--passphrase-fd <number>',
        'read its passphrase from this descriptor',
        'passphraseFile',
      ).argParser(wholeNumber),
    )
    .addOption(passphrase('--passphrase-file <path>', 'read it from this private file', 'passphraseFd'))
    .option('--state-dir <dir>', 'where dialogd keeps its state')
    .option('--config <file>', 'configuration file of dialogd');
}

/** Where the account key comes from: one of these, or a new one. */
const KEY_SOURCES = ['import', 'secretFd', 'credential', 'keyFile'];

function addInit(command: Command): void {
  const source = (flags: string, description: string): Option => {
    const option = new Option(flags, description);
    return option.conflicts(KEY_SOURCES.filter((name) => name !== option.attributeName()));
  };
  command
    .addOption(source('--import', 'import the nsec, hex or ncryptsec on standard input'))
    .addOption(source('--secret-fd <number>', 'import from this file descriptor').argParser(wholeNumber))
    .addOption(source('--credential <name>', 'use a systemd credential'))
    .addOption(source('--key-file <path>', 'use a key file'))
    .option('--password-fd <number>', 'read the password of an ncryptsec from there', wholeNumber)
    .option('--relay <url...>', 'relays KeyPackages are published to')
    .option('--inbox <url...>', 'relays invitations arrive at')
    .option('--no-publish-lists', 'leave the relay lists of the account alone')
    .option('--passphrase-file <path>', 'seal the key with this passphrase')
    .option('--state-dir <dir>', 'where dialogd keeps its state')
    .option('--config <file>', 'configuration file of dialogd');
}
