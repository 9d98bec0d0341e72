import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { loadConfig } from '../config.ts';
import { sealOf } from '../daemon/state.ts';
import { inUtc } from '../durations.ts';
import { DaemonError } from '../errors.ts';
import { assertNoAccount, createAccount } from '../identity/account.ts';
import { decryptWithPassphrase } from '../identity/age-file.ts';
import { createLocalSigner } from '../identity/local-signer.ts';
import { short } from '../ids.ts';
import { quarantined } from '../keypackages/quarantine.ts';
import { addNotice } from '../notices.ts';
import type { Paths } from '../paths.ts';
import type { Clock, Random, Store, Transaction, WriteTable } from '../ports.ts';
import { exists, writePrivateFile } from '../private-file.ts';
import type { Meta } from '../records.ts';
import { openStateDirectory } from '../store/state-directory.ts';
import { openStore } from '../store/store.ts';
import { type BackupHeader, type BackupRecord, readDocument } from './document.ts';
import { clearUnbound } from './unbound-store.ts';

export interface RestoreOptions {
  readonly paths: Paths;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly random: Random;
  readonly file: string;
  readonly passphrase: string;
}

export interface Restored extends Pick<BackupHeader, 'backupAt' | 'counts'> {
  readonly account: string;
  readonly seal: string;
  /** False: a configuration file was there, and was left alone. */
  readonly configWritten: boolean;
}

/** Records written in one commit; so many of the largest, of 4 MiB, are in memory. */
const BATCH = 8;

/**
 * Makes an empty state directory that of the account in the backup. The whole file is read and checked before
 * anything is written, and the account comes last: until then a restore can be repeated.
 * Errors: `already_running`, `identity_exists`, `passphrase_wrong`, `backup_damaged`, `unsupported`, `config_invalid`,
 * those of the seal and the store.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { paths, env, clock, random } = options;
  const directory = await openStateDirectory({ path: paths.stateDir, now: clock.now() });
  try {
    await assertNoAccount(paths.stateDir);
    const header = await verified(options);
    const configWritten = await writeConfig(paths.configFile, header.config);
    const seal = await sealOf({ paths, config: loadConfig(paths.configFile), env, random });
    const store = await openStore({ location: directory, sealer: seal.sealer });
    try {
      await clear(store, paths.stateDir);
      await fill(store, options, header);
    } finally {
      await store.close();
    }
    const place = {
      stateDir: paths.stateDir,
      sealer: seal.sealer,
      credentialsDir: env.CREDENTIALS_DIRECTORY,
    };
    const secretKey = secretKeyOf(header);
    const account = await createAccount(place, { kind: 'sealed', secretKey }, header.account.createdAt);
    return { account, backupAt: header.backupAt, counts: header.counts, seal: seal.source, configWritten };
  } finally {
    await directory.close();
  }
}

const secretKeyOf = ({ account }: BackupHeader): Uint8Array =>
  new Uint8Array(Buffer.from(account.secretKey, 'hex'));

async function* linesOf({ file, passphrase }: RestoreOptions) {
  try {
    yield* readDocument(decryptWithPassphrase(passphrase, createReadStream(file)));
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new DaemonError('invalid_argument', `${file} cannot be read: ${message}`, {
      repair: 'name a backup that this user may read',
      cause: error,
    });
  }
}

/** Reads the file to its end; its key has to be that of its account. */
async function verified(options: RestoreOptions): Promise<BackupHeader> {
  let header: BackupHeader | undefined;
  for await (const line of linesOf(options)) if (line.kind === 'header') header = line.header;
  const signer = await createLocalSigner(secretKeyOf(header!));
  await signer.close();
  if (signer.account === header!.account.publicKey) return header!;
  throw new DaemonError('backup_damaged', 'the key in this backup is not that of its account', {
    repair: 'use another backup',
  });
}

async function writeConfig(file: string, config: string | null): Promise<boolean> {
  if (config === null || (await exists(file))) return false;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writePrivateFile(file, config);
  return true;
}

/** Error: `identity_exists`. */
async function clear(store: Store, stateDir: string): Promise<void> {
  const account = await clearUnbound(store);
  if (account === undefined) return;
  throw new DaemonError('identity_exists', `the store in ${stateDir} is that of account ${short(account)}`, {
    repair: 'move that directory away, or restore into another one with --state-dir',
  });
}

async function fill(store: Store, options: RestoreOptions, { backupAt }: BackupHeader): Promise<void> {
  let batch: BackupRecord[] = [];
  let meta: Meta | undefined;
  const write = (last: (tx: Transaction) => Promise<void> = async () => {}) =>
    store.update('restore', async (tx) => {
      for (const each of batch) put(tx, each);
      batch = [];
      await last(tx);
    });
  for await (const line of linesOf(options)) {
    if (line.kind === 'header') continue;
    if (line.table === 'meta') meta = line.record;
    else batch.push(line);
    if (batch.length === BATCH) await write();
  }
  const restoredAt = options.clock.now();
  await write(async (tx) => {
    tx.meta.put('meta', restoredMeta(meta ?? { generation: 0 }, { backupAt, restoredAt }));
    await addNotice(tx, restoredAt, {
      code: 'restored',
      severity: 'warning',
      message: `restored from a backup of ${inUtc(backupAt)}; every KeyPackage is replaced`,
      data: { backupAt },
    });
  });
}

const put = (tx: Transaction, { table, key, record }: BackupRecord): void =>
  (tx[table] as WriteTable<never, never>).put(key, record);

/** Whatever became of the packages after the backup was made is unknown. The first start binds the account. */
function restoredMeta({ account: _, ...meta }: Meta, restored: NonNullable<Meta['restored']>): Meta {
  return { ...quarantined(meta), restored };
}
