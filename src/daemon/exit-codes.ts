import type { ErrorCode } from '../errors.ts';

/** Exit codes of `dialogd`, after sysexits(3), so that a supervisor can tell a wait from a repair. */
export const EXIT_CODES: Readonly<Partial<Record<ErrorCode, number>>> = {
  already_running: 75,
  config_invalid: 78,
  identity_missing: 78,
  identity_exists: 73,
  identity_invalid: 65,
  invalid_argument: 64,
  store_damaged: 65,
  seal_wrong_key: 77,
  seal_unavailable: 77,
  path_unsafe: 77,
  disk_full: 74,
  store_unavailable: 74,
};

/** Anything without a code of its own is a bug: EX_SOFTWARE. */
export const EXIT_SOFTWARE = 70;
