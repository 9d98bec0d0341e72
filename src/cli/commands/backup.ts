import { resolve } from 'node:path';
import type { Result } from '../../ipc/protocol/methods.ts';
import { type Context, NotRunning, print, withClient } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { obtainPassphrase, type PassphraseOptions } from '../passphrase.ts';
import { runDialogd } from '../run-dialogd.ts';
import { backupView } from '../views/backup.ts';

export interface BackupOptions extends PassphraseOptions {
  readonly force?: boolean;
  readonly stateDir?: string;
  readonly config?: string;
}

/** A large store on a slow disk, written and read back. */
const PATIENCE_MS = 600_000;
const PASSPHRASE_PIPE = 3;

/** The running daemon writes the file; where none runs, `dialogd backup` does, and its exit code is ours. */
export async function backup(context: Context, file: string, options: BackupOptions): Promise<number> {
  const passphrase = await obtainPassphrase(context.terminal, options, 'new');
  if (passphrase === undefined) return exitCodes.error;
  const path = resolve(file);
  const order = { path, passphrase, force: options.force === true };
  const result = await withClient(context, 'daemon.backup', (client) =>
    client.call('daemon.backup', order, PATIENCE_MS),
  ).catch((error: unknown) => {
    if (error instanceof NotRunning) return undefined;
    throw error;
  });
  if (result === undefined) return backupAtRest(context, path, passphrase, options);
  print<'daemon.backup'>(context, result, backupView);
  return exitCodes.success;
}

async function backupAtRest(
  context: Context,
  path: string,
  passphrase: string,
  options: BackupOptions,
): Promise<number> {
  const args = ['backup', path, ...(options.force ? ['--force'] : []), ...placeArguments(options)];
  const { code, out } = await runDialogd(context, args, {
    typed: { [PASSPHRASE_PIPE]: passphrase },
    captured: true,
  });
  if (code === exitCodes.success) {
    print<'daemon.backup'>(context, JSON.parse(out) as Result<'daemon.backup'>, backupView);
  }
  return code;
}

/** Runs `dialogd restore` and returns its exit code. */
export async function restore(context: Context, file: string, options: BackupOptions): Promise<number> {
  const passphrase = await obtainPassphrase(context.terminal, options, 'known');
  if (passphrase === undefined) return exitCodes.error;
  const args = [
    'restore',
    resolve(file),
    ...placeArguments(options),
    ...(context.options.json ? ['--json'] : []),
  ];
  return (await runDialogd(context, args, { typed: { [PASSPHRASE_PIPE]: passphrase } })).code;
}

const placeArguments = ({ stateDir, config }: BackupOptions): string[] => [
  ...['--passphrase-fd', String(PASSPHRASE_PIPE)],
  ...(stateDir === undefined ? [] : ['--state-dir', stateDir]),
  ...(config === undefined ? [] : ['--config', config]),
];
