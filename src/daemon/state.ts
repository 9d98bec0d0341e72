import type { Config } from '../config.ts';
import { DaemonError } from '../errors.ts';
import { type ExportedAccount, exportAccount, loadAccount } from '../identity/account.ts';
import { resolveSeal } from '../identity/seal-source.ts';
import { type PublicKey, short } from '../ids.ts';
import type { Result } from '../ipc/protocol/methods.ts';
import type { Paths } from '../paths.ts';
import type { Clock, Log, Random, Signer, Store } from '../ports.ts';
import { readMeta } from '../scheduler/gather.ts';
import { giveUpReserve, giveUpReserveIfFull } from '../store/reserve.ts';
import { openStateDirectory } from '../store/state-directory.ts';
import { openStore } from '../store/store.ts';

export interface StateOptions {
  readonly paths: Paths;
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly random: Random;
}

/** Everything at rest, opened: locked, unsealed and checked. */
export interface OpenedState {
  readonly store: Store;
  readonly signer: Signer;
  readonly seal: NonNullable<Result<'daemon.status'>['seal']>;
  readonly identity: { readonly source: string; readonly createdAt: number };
  /** The account with its key; for the caller to zero. Errors: those of `openState` about the account. */
  exportAccount(): Promise<ExportedAccount>;
  close(): Promise<void>;
}

/** The seal of this installation; the state directory has to be locked already. */
export const sealOf = ({ paths, config, env, random }: Omit<StateOptions, 'clock'>) =>
  resolveSeal({
    stateDir: paths.stateDir,
    credentialsDir: env.CREDENTIALS_DIRECTORY,
    credential: config.seal.credential,
    passphraseFile: config.seal.passphrase_file,
    random,
  });

/**
 * Lock, seal, account, store, in this order; what was opened is closed again when a later one fails.
 * Errors: `path_unsafe`, `already_running`, `seal_unavailable`, `seal_wrong_key`, `identity_missing`,
 * `identity_invalid`, `store_damaged`, `store_unavailable`, `disk_full`.
 */
export async function openState(options: StateOptions): Promise<OpenedState> {
  const { stateDir } = options.paths;
  try {
    return await open(options);
  } catch (error) {
    const full = error instanceof DaemonError && error.code === 'disk_full';
    if (!full || !(await giveUpReserve(stateDir))) throw error;
    return open(options);
  }
}

async function open(options: StateOptions): Promise<OpenedState> {
  const { paths, env, clock } = options;
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const each of opened.splice(0).reverse()) await each.close();
  };
  try {
    const directory = await openStateDirectory({ path: paths.stateDir, now: clock.now() });
    opened.push(directory);
    await giveUpReserveIfFull(paths.stateDir);
    const { sealer, source, path } = await sealOf(options);
    const place = { stateDir: paths.stateDir, sealer, credentialsDir: env.CREDENTIALS_DIRECTORY };
    const account = await loadAccount(place);
    opened.push(account.signer);
    const store = await openStore({ location: directory, sealer });
    opened.push(store);
    return {
      store,
      signer: account.signer,
      seal: { source, path },
      identity: { source: account.source, createdAt: account.createdAt },
      exportAccount: () => exportAccount(place),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One store serves one account for ever. Error: `identity_invalid`. */
export async function bindAccount(store: Store, account: PublicKey, log: Log): Promise<void> {
  await store.update('settings', async (tx) => {
    const meta = await readMeta(tx);
    if (meta.account === account) return;
    if (meta.account !== undefined) {
      throw new DaemonError(
        'identity_invalid',
        `this state belongs to account ${short(meta.account)}, not ${short(account)}`,
        { repair: 'use another state directory for the other account' },
      );
    }
    if (meta.restored !== undefined) log.warn('restored', { ...meta.restored });
    tx.meta.put('meta', { ...meta, account });
  });
}
