/**
 * Every failure the daemon reports by name. Codes are stable: clients, exit codes and documents refer to
 * them. Numbers on the socket are in ipc/protocol.
 */
export type ErrorCode =
  // configuration and start
  | 'config_invalid'
  | 'already_running'
  | 'identity_missing'
  | 'identity_exists'
  | 'identity_invalid'
  | 'seal_unavailable'
  | 'seal_wrong_key'
  | 'store_damaged'
  | 'store_unavailable'
  | 'disk_full'
  | 'path_unsafe'
  | 'passphrase_wrong'
  | 'backup_damaged'
  // operation
  | 'not_invitable'
  | 'signer_absent'
  | 'signer_refused'
  | 'clock_skew'
  | 'shutting_down'
  | 'busy'
  | 'read_only'
  | 'forbidden'
  | 'not_found'
  | 'invalid_argument'
  | 'unsupported'
  // data from outside
  | 'malformed'
  | 'internal';

export interface ErrorOptions {
  /** What the reader can do about it: a command or a setting, in one sentence. */
  readonly repair?: string;
  /** For `busy`: how long to wait before trying again, in seconds. */
  readonly retryAfterSec?: number;
  readonly cause?: unknown;
}

/** An expected failure with a closed code, a message for people, and the way out. Never carries a secret. */
export class DaemonError extends Error {
  readonly code: ErrorCode;
  readonly repair: string | undefined;
  readonly retryAfterSec: number | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DaemonError';
    this.code = code;
    this.repair = options.repair;
    this.retryAfterSec = options.retryAfterSec;
  }
}

/** The repair of a state that is damaged: no single file of it can be brought back. */
export const RESTORE_BACKUP =
  'move the state directory away, then: dialogctl restore FILE, or without a backup dialogctl init';

/** Closes a union: a new member that nobody handles is a compile error here. */
export function assertNever(value: never): never {
  throw new TypeError(`unhandled case: ${JSON.stringify(value)}`);
}
