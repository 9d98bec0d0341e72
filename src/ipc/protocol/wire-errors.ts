/** Errors on the wire: a number for JSON-RPC, and in `data` the code, the way out and when to try again. */
import { z } from 'zod';
import { DaemonError, type ErrorCode } from '../../errors.ts';

/**
 * The number of every error code. Negative ones are JSON-RPC 2.0's own (section 5.1), the others its
 * application space: 1xx configuration and start, 2xx operation, 3xx data. Never renumbered.
 */
export const errorNumbers = {
  config_invalid: 101,
  already_running: 102,
  identity_missing: 103,
  identity_exists: 104,
  identity_invalid: 105,
  seal_unavailable: 106,
  seal_wrong_key: 107,
  store_damaged: 108,
  store_unavailable: 109,
  disk_full: 110,
  path_unsafe: 111,
  passphrase_wrong: 112,
  backup_damaged: 113,
  not_invitable: 201,
  signer_absent: 202,
  signer_refused: 203,
  clock_skew: 204,
  shutting_down: 205,
  busy: 206,
  read_only: 207,
  not_found: 208,
  unsupported: 209,
  forbidden: 210,
  malformed: 301,
  invalid_argument: -32602,
  internal: -32603,
} as const satisfies Record<ErrorCode, number>;

/** Numbers JSON-RPC 2.0 gives to requests that never reach a method. */
export const envelopeErrors = {
  parseError: { number: -32700, code: 'malformed' },
  invalidRequest: { number: -32600, code: 'malformed' },
  methodNotFound: { number: -32601, code: 'unsupported' },
} as const;

/** Errors that any call may end in. */
export const commonErrors: readonly ErrorCode[] = [
  'malformed',
  'unsupported',
  'invalid_argument',
  'busy',
  'shutting_down',
  'internal',
];

const errorCodes = Object.keys(errorNumbers) as [ErrorCode, ...ErrorCode[]];

export const wireErrorData = z.object({
  code: z.enum(errorCodes).catch('internal').describe('stable name'),
  repair: z.string().describe('what to do about it').optional(),
  retryAfterSec: z.number().describe('for `busy`: when to try again, in seconds').optional(),
});

const wireError = z.object({
  code: z.int(),
  message: z.string(),
  data: wireErrorData.optional(),
});
export type WireError = z.output<typeof wireError>;

/** `number` is given where the envelope itself is at fault. Anything but a DaemonError shows no detail. */
export function toWireError(error: unknown, number?: number): WireError {
  const known =
    error instanceof DaemonError
      ? error
      : new DaemonError('internal', 'the daemon hit a bug; its log has the details');
  const data: WireError['data'] = { code: known.code };
  if (known.repair !== undefined) data.repair = known.repair;
  if (known.retryAfterSec !== undefined) data.retryAfterSec = known.retryAfterSec;
  return { code: number ?? errorNumbers[known.code], message: known.message, data };
}

/** The error a client throws for the `error` member of an answer. */
export function fromWireError(value: unknown): DaemonError {
  const { message, data } = wireError.catch({ code: 0, message: 'unreadable error' }).parse(value);
  return new DaemonError(data?.code ?? 'internal', message, {
    ...(data?.repair === undefined ? {} : { repair: data.repair }),
    ...(data?.retryAfterSec === undefined ? {} : { retryAfterSec: data.retryAfterSec }),
  });
}
