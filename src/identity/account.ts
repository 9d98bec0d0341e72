import { join, resolve } from 'node:path';
import { DaemonError } from '../errors.ts';
import { type PublicKey, short, type UnixSeconds } from '../ids.ts';
import type { Sealer, Signer } from '../ports.ts';
import { exists } from '../private-file.ts';
import { createLocalSigner } from './local-signer.ts';
import { parseSecret } from './secret.ts';
import { readCredential, readSecretFile } from './secret-input.ts';
import { readStateFile, writeStateFile } from './state-file.ts';

/** Where an account is kept: a locked state directory, and what it takes to read its key. */
export interface AccountPlace {
  readonly stateDir: string;
  readonly sealer: Sealer;
  /** systemd's `$CREDENTIALS_DIRECTORY`. */
  readonly credentialsDir?: string | undefined;
}

/** A key that is read from elsewhere at every start. */
type KeyReference =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'credential'; readonly name: string };

/** The key of an account to be: to keep here, or to read from elsewhere. */
export type AccountKey = { readonly kind: 'sealed'; readonly secretKey: Uint8Array } | KeyReference;

/** `account.json`. */
interface AccountRecord {
  readonly account: PublicKey;
  readonly createdAt: UnixSeconds;
  readonly key: { readonly kind: 'sealed'; readonly sealed: string } | KeyReference;
}

export interface LoadedAccount {
  readonly signer: Signer;
  /** Where the key comes from, in words. */
  readonly source: string;
  readonly createdAt: UnixSeconds;
}

/** The account itself, for a backup. */
export interface ExportedAccount {
  readonly account: PublicKey;
  readonly createdAt: UnixSeconds;
  /** 32 bytes. */
  readonly secretKey: Uint8Array;
}

const accountFile = (stateDir: string): string => join(stateDir, 'account.json');

export const accountExists = (stateDir: string): Promise<boolean> => exists(accountFile(stateDir));

/** Error: `identity_exists`. */
export async function assertNoAccount(stateDir: string): Promise<void> {
  if (!(await accountExists(stateDir))) return;
  throw new DaemonError('identity_exists', `${stateDir} belongs to an account already`, {
    repair: 'use another --state-dir for another account; nothing was changed',
  });
}

/**
 * Makes this the state directory of an account. A secret key that is given is zeroed.
 * Errors: `identity_exists`, `identity_invalid`, `path_unsafe`.
 */
export async function createAccount(
  place: AccountPlace,
  key: AccountKey,
  createdAt: UnixSeconds,
): Promise<PublicKey> {
  await assertNoAccount(place.stateDir);
  const secretKey = key.kind === 'sealed' ? key.secretKey : await readReferenced(place, key);
  const signer = await createLocalSigner(secretKey);
  const { account } = signer;
  const kept = key.kind === 'sealed' ? sealedKey(place.sealer, account, secretKey) : absolute(key);
  await signer.close();
  const record: AccountRecord = { account, createdAt, key: kept };
  await writeStateFile(accountFile(place.stateDir), record);
  return account;
}

/** The signer of this account. Errors: `identity_missing`, `identity_invalid`, `path_unsafe`, `store_damaged`. */
export async function loadAccount(place: AccountPlace): Promise<LoadedAccount> {
  const { record, secretKey } = await readKey(place);
  const { account, key, createdAt } = record;
  const signer = await createLocalSigner(secretKey);
  if (signer.account === account) return { signer, source: words(key), createdAt };
  await signer.close();
  throw new DaemonError(
    'identity_invalid',
    `${words(key)} holds the key of ${short(signer.account)}, this state is that of ${short(account)}`,
    { repair: 'bring the former key back, or use another state directory for the new account' },
  );
}

/** The account with its key, wherever that is kept; for the caller to zero. Errors: those of `loadAccount`. */
export async function exportAccount(place: AccountPlace): Promise<ExportedAccount> {
  // What stands there now may not be what the daemon was started with.
  await (await loadAccount(place)).signer.close();
  const { record, secretKey } = await readKey(place);
  return { account: record.account, createdAt: record.createdAt, secretKey };
}

async function readKey(place: AccountPlace): Promise<{ record: AccountRecord; secretKey: Uint8Array }> {
  const record = await readStateFile<AccountRecord>(accountFile(place.stateDir));
  if (record === undefined) {
    throw new DaemonError('identity_missing', `${place.stateDir} belongs to no account yet`, {
      repair: 'create or import one: dialogctl init',
    });
  }
  const { account, key } = record;
  const secretKey =
    key.kind === 'sealed' ? openedKey(place.sealer, account, key.sealed) : await readReferenced(place, key);
  return { record, secretKey };
}

const sealingContext = (account: PublicKey): string => `account!${account}`;

const sealedKey = (sealer: Sealer, account: PublicKey, secretKey: Uint8Array): AccountRecord['key'] => {
  const sealed = sealer.seal(secretKey, sealingContext(account));
  return { kind: 'sealed', sealed: Buffer.from(sealed).toString('base64') };
};

function openedKey(sealer: Sealer, account: PublicKey, sealed: string): Uint8Array {
  const secretKey = sealer.open(Buffer.from(sealed, 'base64'), sealingContext(account));
  if (secretKey !== undefined) return secretKey;
  throw new DaemonError('seal_wrong_key', 'the account key was sealed with another key than the rest', {
    repair: 'restore account.json and seal.json from the same backup',
  });
}

/** The daemon's working directory is not that of whoever names the file. */
const absolute = (key: KeyReference): KeyReference =>
  key.kind === 'file' ? { kind: 'file', path: resolve(key.path) } : key;

async function readReferenced(place: AccountPlace, key: KeyReference): Promise<Uint8Array> {
  const bytes =
    key.kind === 'file'
      ? await readSecretFile(key.path)
      : await readCredential(place.credentialsDir, key.name);
  if (bytes === undefined) {
    throw new DaemonError('identity_invalid', `${words(key)} with the account key is not there`, {
      repair: key.kind === 'file' ? 'bring it back' : `add LoadCredential=${key.name} to the unit`,
    });
  }
  try {
    return parseSecret(bytes.toString());
  } finally {
    bytes.fill(0);
  }
}

function words(key: AccountRecord['key']): string {
  switch (key.kind) {
    case 'sealed':
      return 'the state directory';
    case 'file':
      return `the file ${key.path}`;
    case 'credential':
      return `the credential ${key.name}`;
  }
}
