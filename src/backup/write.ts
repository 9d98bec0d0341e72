import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { DaemonError } from '../errors.ts';
import type { ExportedAccount } from '../identity/account.ts';
import { decryptWithPassphrase, encryptWithPassphrase } from '../identity/age-file.ts';
import type { Params, Result } from '../ipc/protocol/methods.ts';
import type { Clock, Store } from '../ports.ts';
import { exists, ignoreMissing, writeUnfinished } from '../private-file.ts';
import { documentOf, headerOf } from './document.ts';

export interface BackupParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly configFile: string;
  /** What a guess at the passphrase costs: 2^n rounds of scrypt. */
  readonly logRounds: number;
  exportAccount(): Promise<ExportedAccount>;
}

type Order = Params<'daemon.backup'>;
export type WrittenBackup = Result<'daemon.backup'>;

const RETRY_AFTER_SEC = 5;

/**
 * Writes everything it takes to be this account elsewhere into one encrypted file: from one snapshot of the store, a
 * few records in memory at a time. It gets its name once it was read back and found to be the same.
 * Errors: `invalid_argument`, `disk_full`, `backup_damaged`, those of `exportAccount`; `path` is then as it was.
 */
export async function writeBackup(
  parts: BackupParts,
  { path, passphrase, force }: Order,
  signal?: AbortSignal,
): Promise<WrittenBackup> {
  await assertWritable(path, force);
  const account = await parts.exportAccount();
  try {
    const config = (await readFile(parts.configFile, 'utf8').catch(ignoreMissing)) ?? null;
    const backupAt = parts.clock.now();
    // Erased keys are compacted once nobody reads any more: the file is read back when the store is free again.
    const { file, digest, counts } = await parts.store.read(async (view) => {
      const header = await headerOf(view, account, config, backupAt);
      const plaintext = fingerprinted(documentOf(view, header), signal);
      const encrypted = await encryptWithPassphrase(passphrase, plaintext.bytes, parts.logRounds);
      const unfinished = await writeUnfinished(path, encrypted);
      return { file: unfinished, digest: plaintext.digest(), counts: header.counts };
    });
    await file.publish(async (unfinished) => {
      await assertSame(unfinished, passphrase, digest);
      await assertWritable(path, force);
    });
    return { path, bytes: (await stat(path)).size, account: account.account, backupAt, counts };
  } catch (error) {
    throw cannotWrite(path, error);
  } finally {
    account.secretKey.fill(0);
  }
}

async function assertWritable(path: string, force: boolean): Promise<void> {
  if (!isAbsolute(path)) {
    throw new DaemonError('invalid_argument', `${path} is no absolute path`, { repair: 'begin it with /' });
  }
  if (force || !(await exists(path))) return;
  throw new DaemonError('invalid_argument', `${path} exists already`, {
    repair: 'name another file, or replace this one with --force',
  });
}

/** What passes through, and the hash of all of it. */
function fingerprinted(bytes: AsyncIterable<Uint8Array>, signal?: AbortSignal) {
  const hash = createHash('sha256');
  async function* tapped(): AsyncIterable<Uint8Array> {
    for await (const chunk of bytes) {
      if (signal?.aborted) throw new DaemonError('shutting_down', 'the backup was broken off');
      hash.update(chunk);
      yield chunk;
    }
  }
  return { bytes: tapped(), digest: () => hash.digest('hex') };
}

/** Error: `backup_damaged` when the file does not give back what was written. */
async function assertSame(path: string, passphrase: string, digest: string): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of decryptWithPassphrase(passphrase, createReadStream(path))) hash.update(chunk);
  if (hash.digest('hex') === digest) return;
  throw new DaemonError('backup_damaged', 'what was written cannot be read back', {
    repair: 'see to the disk, or write to another one',
  });
}

function cannotWrite(path: string, error: unknown): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (error instanceof DaemonError || syscall === undefined) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new DaemonError('disk_full', `no space left for ${path}`, {
      repair: 'free some space, or name a file on another disk',
      cause: error,
    });
  }
  return new DaemonError('invalid_argument', `${path} cannot be written: ${message}`, {
    repair: 'name a file where dialogd may write; a service of the system may only below its state directory',
    cause: error,
  });
}

/** A backup takes 256 MiB while its key is stretched. Error: `busy`. */
export function oneAtATime<A extends unknown[], T>(
  work: (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  let busy = false;
  return async (...args) => {
    if (busy) {
      throw new DaemonError('busy', 'another backup is being written', {
        repair: 'wait for its end',
        retryAfterSec: RETRY_AFTER_SEC,
      });
    }
    busy = true;
    try {
      return await work(...args);
    } finally {
      busy = false;
    }
  };
}
