/** Why bytes from a peer were not taken. Refusals are values at the border of the room and thrown inside it. */
import { CodecError, CryptoError, CryptoVerificationError, MlsError } from 'ts-mls/mlsError.js';
import { DaemonError } from '../errors.ts';

export type RefusalReason =
  /** Not the exact encoding of what it should be. */
  | 'malformed'
  /** Valid MLS that this profile does not use: another ciphersuite, external senders, ReInit, ... */
  | 'unsupported'
  | 'wrong_group'
  /** Made for another epoch than the state it was given to. */
  | 'wrong_epoch'
  /** A signature, tag or key does not match. */
  | 'unauthentic'
  /** Breaks a rule of RFC 9420 or of the proposal's specification. */
  | 'invalid'
  /** Its key is spent, or older than the out-of-order tolerance. */
  | 'replayed'
  /** More generations ahead than we ratchet for a peer. */
  | 'too_far_ahead'
  /** Sent by this very leaf: a sender cannot open its own message. */
  | 'own_message'
  /** Past one of the counts or sizes of group-limits.ts. */
  | 'limit'
  /** The Welcome names no KeyPackage of the one it was given. */
  | 'not_for_us'
  /** The group is one we already hold (protocol.md section 5, step 6). */
  | 'already_member'
  /** A defect of ours or of the library; `stack` says where. */
  | 'internal';

export interface Refused {
  readonly kind: 'refused';
  readonly reason: RefusalReason;
  /** For people and logs; never holds a secret. */
  readonly detail: string;
  readonly stack?: string;
}

export class Refusal extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, detail: string) {
    super(detail);
    this.name = 'Refusal';
    this.reason = reason;
  }
}

/** Throws a Refusal unless `condition` holds. */
export function ensure(condition: boolean, reason: RefusalReason, detail: string): asserts condition {
  if (!condition) throw new Refusal(reason, detail);
}

/** The border: whatever a peer's bytes lead to is a value, so that no message can end the process. */
export async function orRefused<T>(work: () => Promise<T>): Promise<T | Refused> {
  try {
    return await work();
  } catch (error) {
    return refusedBy(error);
  }
}

function refusedBy(error: unknown): Refused {
  const { message: detail, stack } = error instanceof Error ? error : new Error(String(error));
  const reason = reasonOf(error);
  return reason === 'internal' && stack !== undefined
    ? { kind: 'refused', reason, detail, stack }
    : { kind: 'refused', reason, detail };
}

function reasonOf(error: unknown): RefusalReason {
  if (error instanceof Refusal) return error.reason;
  if (error instanceof DaemonError) return error.code === 'malformed' ? 'malformed' : 'internal';
  if (error instanceof CryptoError || error instanceof CryptoVerificationError) return 'unauthentic';
  if (error instanceof CodecError) return 'malformed';
  return error instanceof MlsError ? 'invalid' : 'internal';
}
