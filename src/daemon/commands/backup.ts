import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Restored, type RestoreOptions, restoreBackup } from '../../backup/restore.ts';
import { writeBackup } from '../../backup/write.ts';
import { loadConfig } from '../../config.ts';
import { inUtc } from '../../durations.ts';
import { DaemonError } from '../../errors.ts';
import { LOG_ROUNDS } from '../../identity/age-file.ts';
import { readSecretFile, readSecretFromFd } from '../../identity/secret-input.ts';
import { methods } from '../../ipc/protocol/methods.ts';
import { resolvePaths } from '../../paths.ts';
import { wholeNumber } from '../../usage/whole-number.ts';
import { openState } from '../state.ts';
import { systemClock, systemRandom } from '../system.ts';

interface Options {
  readonly passphraseFd?: number;
  readonly passphraseFile?: string;
  readonly force?: boolean;
  readonly stateDir?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** `dialogd backup` and `dialogd restore`, which dialogctl runs where no daemon does. */
export function addBackupCommands(program: Command): void {
  const add = (name: string, description: string): Command =>
    program
      .command(name)
      .argument('<file>')
      .description(description)
      .option(
        '--passphrase-fd <fd>',
        'read the passphrase of the backup from this file descriptor',
        wholeNumber,
      )
      .option('--passphrase-file <path>', 'read it from this private file')
      .option('--json', 'answer in JSON');
  add('backup', 'write an encrypted backup, answer in JSON (run it through dialogctl backup)')
    .option('--force', 'replace a file that is there')
    .action((file: string, _, command: Command) => backup(resolve(file), command.optsWithGlobals<Options>()));
  add('restore', 'restore one into an empty state directory (run it through dialogctl restore)').action(
    (file: string, _, command: Command) => restore(resolve(file), command.optsWithGlobals<Options>()),
  );
}

async function backup(path: string, options: Options): Promise<void> {
  const order = methods['daemon.backup'].params.safeParse({
    path,
    passphrase: await passphraseFrom(options),
    force: options.force === true,
  });
  if (!order.success) {
    throw new DaemonError('invalid_argument', order.error.issues.map(({ message }) => message).join('; '), {
      repair: 'choose a passphrase of several words, 12 to 1,024 characters',
    });
  }
  const paths = resolvePaths(process.env, options);
  const config = loadConfig(paths.configFile);
  const state = await openState({ ...surroundings, paths, config });
  try {
    const { store, exportAccount } = state;
    const { configFile } = paths;
    const parts = { store, exportAccount, clock: systemClock, configFile, logRounds: LOG_ROUNDS };
    process.stdout.write(`${JSON.stringify(await writeBackup(parts, order.data))}\n`);
  } finally {
    await state.close();
  }
}

async function restore(file: string, options: Options): Promise<void> {
  const paths = resolvePaths(process.env, options);
  const passphrase = await passphraseFrom(options);
  report(options, paths, await restoreBackup({ ...surroundings, paths, file, passphrase }));
}

const surroundings = { env: process.env, clock: systemClock, random: systemRandom };

async function passphraseFrom({ passphraseFd, passphraseFile }: Options): Promise<string> {
  if (passphraseFd !== undefined) return readSecretFromFd(passphraseFd);
  const bytes = passphraseFile === undefined ? undefined : await readSecretFile(passphraseFile);
  if (bytes !== undefined) return bytes.toString();
  throw new DaemonError('invalid_argument', 'no passphrase is given, or its file is not there', {
    repair: 'give it with --passphrase-fd or --passphrase-file',
  });
}

function report({ json }: Options, paths: RestoreOptions['paths'], made: Restored): void {
  const { stateDir, configFile } = paths;
  if (json === true) {
    return void process.stdout.write(`${JSON.stringify({ ...made, stateDir, configFile })}\n`);
  }
  const lines = [
    `account   ${made.account}`,
    `as of     ${inUtc(made.backupAt)}`,
    `state     ${stateDir}`,
    `config    ${configFile}${made.configWritten ? '' : ' (as it was)'}`,
    `sealed by ${made.seal.replace('_', ' ')}`,
    '',
    'Start the daemon: dialogd. It replaces every KeyPackage. Never run the former state beside this one.',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
