import type { ErrorCode } from '../errors.ts';

/** Wrong usage: EX_USAGE. */
export const EXIT_USAGE = 64;

/** Exit codes of `dialogd`, after sysexits(3), so that a supervisor can tell a wait from a repair. */
export const EXIT_CODES: Readonly<Partial<Record<ErrorCode, number>>> = {
  already_running: 75,
  config_invalid: 78,
  identity_missing: 78,
  identity_exists: 73,
  identity_invalid: 65,
  invalid_argument: EXIT_USAGE,
  store_damaged: 65,
  seal_wrong_key: 77,
  seal_unavailable: 77,
  path_unsafe: 77,
  passphrase_wrong: 77,
  backup_damaged: 65,
  disk_full: 74,
  store_unavailable: 74,
};

/** Anything without a code of its own is a bug: EX_SOFTWARE. */
export const EXIT_SOFTWARE = 70;

/** What each of them means, for the manual and docs/operations.md. */
export const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  0: 'stopped as asked, or the command is done',
  1: 'check found an error',
  [EXIT_USAGE]: 'wrong usage',
  65: 'the state, the account or a backup is damaged',
  [EXIT_SOFTWARE]: 'a bug, with its stack in the log; starting again recovers',
  73: 'init or restore: there is an account already',
  74: 'the disk is full, or the store cannot be used',
  75: 'another dialogd holds this state',
  77: 'the seal is missing, the seal or a passphrase is the wrong one, or a path is open to others',
  78: 'the configuration has a mistake, or there is no account yet',
};
