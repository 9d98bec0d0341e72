import { DaemonError, RESTORE_BACKUP } from '../errors.ts';

/** strerror(3) texts: LevelDB passes on nothing else. */
const FULL = /No space left on device|Disk quota exceeded/;
const MISSING = /No such file or directory/;
const fullCodes: readonly unknown[] = ['ENOSPC', 'EDQUOT'];

interface CodedError {
  readonly code?: unknown;
  readonly message: string;
  readonly cause?: unknown;
}

/** What is on disk is not what was written there. */
export const damaged = (reason: string, cause?: unknown): DaemonError =>
  new DaemonError('store_damaged', `the store is damaged: ${reason}; nothing in it was changed`, {
    repair: RESTORE_BACKUP,
    cause,
  });

/** The key at hand is not the one this store was written with. */
export const sealedWithAnotherKey = (): DaemonError =>
  new DaemonError('seal_wrong_key', 'the store was sealed with another key than the one in use now', {
    repair: 'bring back the credential, passphrase file or key file that the store was created with',
  });

/** A failure of LevelDB or of the file system, as what it means to the operator. */
export function storeFailure(error: unknown, doing: string): DaemonError {
  if (error instanceof DaemonError) return error;
  const { code, message } = rootCause(error as CodedError);
  if (fullCodes.includes(code) || FULL.test(message)) {
    return new DaemonError('disk_full', `no space left on the disk while ${doing}`, {
      repair: 'free some space, then restart dialogd',
      cause: error,
    });
  }
  if (code === 'LEVEL_CORRUPTION' || MISSING.test(message)) return damaged(message, error);
  return new DaemonError('store_unavailable', `the store failed while ${doing}: ${message}`, {
    repair: 'see to the disk and the permissions of the state directory, then restart dialogd',
    cause: error,
  });
}

/** Somebody has the database open. */
export const isLocked = (error: unknown): boolean => rootCause(error as CodedError).code === 'LEVEL_LOCKED';

/** LevelDB's own error is the cause of the one that abstract-level throws for a failed opening. */
function rootCause(error: CodedError): CodedError {
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}
