import { scrypt } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DaemonError, RESTORE_BACKUP } from '../errors.ts';
import type { Random, Sealer } from '../ports.ts';
import { exists, writePrivateFile } from '../private-file.ts';
import { createSealer } from './sealer.ts';
import { readCredential, readSecretFile } from './secret-input.ts';
import { readStateFile, writeStateFile } from './state-file.ts';

type SealSource = 'credential' | 'passphrase_file' | 'key_file';

/** What seals everything at rest, and where its key comes from. */
export interface Seal {
  readonly sealer: Sealer;
  readonly source: SealSource;
  readonly path: string;
}

export interface SealOptions {
  /** Locked by the caller. */
  readonly stateDir: string;
  /** systemd's `$CREDENTIALS_DIRECTORY`. */
  readonly credentialsDir?: string | undefined;
  /** Name of the credential to look for there. */
  readonly credential: string;
  readonly passphraseFile?: string | undefined;
  readonly random: Random;
}

/** A secret as it was found, before anything is derived from it. */
interface Found extends Pick<Seal, 'source' | 'path'> {
  readonly secret: Buffer;
}

/** `seal.json`: nothing secret, but without the salt a passphrase opens nothing. */
interface SealRecord extends Pick<Seal, 'source' | 'path'> {
  readonly keyId: string;
  readonly stretch?: Stretch;
}

/** Parameters of scrypt (RFC 7914); `salt` in base64. */
interface Stretch {
  readonly salt: string;
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** 64 MiB and about 0.2 s. */
const STRETCH = { N: 2 ** 16, r: 8, p: 1 };
const SALT_LENGTH = 16;
const KEY_LENGTH = 32;
const MIN_PASSPHRASE_LENGTH = 8;

const describe: Readonly<Record<SealSource, string>> = {
  credential: 'the systemd credential',
  passphrase_file: 'the passphrase file',
  key_file: 'the key file',
};

/**
 * The seal of this state directory: of the systemd credential if there is one, else of the passphrase file if
 * one is configured, else of a key file in the state directory, which is made at the first start. Credential
 * and key file may hold any 32 bytes or more, so that one can become the other.
 * Errors: `seal_unavailable`, `seal_wrong_key`, `path_unsafe`, `store_damaged`.
 */
export async function resolveSeal(options: SealOptions): Promise<Seal> {
  const recordFile = join(options.stateDir, 'seal.json');
  const record = await readStateFile<SealRecord>(recordFile);
  const found = await findSecret(options, record);
  try {
    if (record === undefined) return await firstSeal(options, recordFile, found);
    // Without a salt in the record it was no passphrase that sealed this.
    const sealer = await sealerOf(found, record.stretch, options.random);
    if (sealer?.keyId !== record.keyId) throw wrongKey(found, record);
    return { sealer, source: found.source, path: found.path };
  } finally {
    found.secret.fill(0);
  }
}

async function findSecret(options: SealOptions, record: SealRecord | undefined): Promise<Found> {
  const { stateDir, credentialsDir, credential, passphraseFile } = options;
  const passed = await readCredential(credentialsDir, credential);
  if (credentialsDir !== undefined && passed !== undefined) {
    return strong({ source: 'credential', path: join(credentialsDir, credential), secret: passed });
  }
  if (passphraseFile !== undefined) {
    const secret = await readSecretFile(passphraseFile);
    if (secret === undefined) throw missing('passphrase_file', passphraseFile);
    return strong({ source: 'passphrase_file', path: passphraseFile, secret });
  }
  const path = join(stateDir, 'seal.key');
  const secret = await readSecretFile(path);
  if (secret !== undefined) return strong({ source: 'key_file', path, secret });
  if (record !== undefined) throw missing(record.source, record.path);
  return { source: 'key_file', path, secret: await newKeyFile(path, options) };
}

async function newKeyFile(path: string, { stateDir, random }: SealOptions): Promise<Buffer> {
  await assertNew(stateDir);
  const secret = Buffer.from(Buffer.from(random.bytes(KEY_LENGTH)).toString('hex'));
  await writePrivateFile(path, Buffer.concat([secret, Buffer.from('\n')]));
  return secret;
}

async function firstSeal(options: SealOptions, recordFile: string, found: Found): Promise<Seal> {
  await assertNew(options.stateDir);
  const { source, path } = found;
  const salt = Buffer.from(options.random.bytes(SALT_LENGTH)).toString('base64');
  const stretch = source === 'passphrase_file' ? { salt, ...STRETCH } : undefined;
  const sealer = (await sealerOf(found, stretch, options.random))!;
  const record: SealRecord = { source, path, keyId: sealer.keyId, ...(stretch && { stretch }) };
  await writeStateFile(recordFile, record);
  return { sealer, source, path };
}

/** A new seal for old contents would open none of them. */
async function assertNew(stateDir: string): Promise<void> {
  for (const name of ['account.json', 'store']) {
    if (!(await exists(join(stateDir, name)))) continue;
    throw new DaemonError('store_damaged', `${join(stateDir, 'seal.json')} is missing`, {
      repair: RESTORE_BACKUP,
    });
  }
}

/** Undefined for a passphrase without the parameters to stretch it. */
async function sealerOf(
  { source, secret }: Found,
  stretch: Stretch | undefined,
  random: Random,
): Promise<Sealer | undefined> {
  if (source !== 'passphrase_file') return createSealer(secret, random);
  if (stretch === undefined) return undefined;
  const { salt, N, r, p } = stretch;
  const key = await scryptKey(secret, Buffer.from(salt, 'base64'), KEY_LENGTH, {
    N,
    r,
    p,
    maxmem: 256 * N * r,
  });
  const sealer = createSealer(key, random);
  key.fill(0);
  return sealer;
}

const scryptKey = promisify<Buffer, Buffer, number, object, Buffer>(scrypt);

function strong(found: Found): Found {
  const { source, path, secret } = found;
  const least = source === 'passphrase_file' ? MIN_PASSPHRASE_LENGTH : KEY_LENGTH;
  if (secret.length >= least) return found;
  throw new DaemonError('seal_unavailable', `${describe[source]} ${path} holds fewer than ${least} bytes`, {
    repair:
      source === 'passphrase_file'
        ? 'choose a longer passphrase'
        : `fill it with: openssl rand -hex ${least}`,
  });
}

const missing = (source: SealSource, path: string): DaemonError =>
  new DaemonError('seal_unavailable', `${describe[source]} ${path} that seals the state is not there`, {
    repair: 'bring it back: without it nothing that is stored can be read',
  });

function wrongKey(found: Found, record: SealRecord): DaemonError {
  const [now, then] = [found, record].map(({ source, path }) => `${describe[source]} ${path}`);
  const message =
    now === then
      ? `${now} does not hold what the state was sealed with`
      : `the state was sealed with ${then}, and ${now} holds something else`;
  return new DaemonError('seal_wrong_key', message, {
    repair: `bring back ${then} as it was${found.source === record.source ? '' : `, without ${now}`}`,
  });
}
