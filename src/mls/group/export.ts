/** Secrets that an epoch exports, and the outer encryption of group events with one of them. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { type CiphersuiteImpl, mlsExporter } from 'ts-mls';
import type { Random } from '../../ports.ts';
import type { GroupState } from './state.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = 'chacha20-poly1305';
const OPTIONS = { authTagLength: TAG_BYTES };

/** MLS-Exporter (RFC 9420 section 8.5). */
export const exportSecret = (
  cs: CiphersuiteImpl,
  state: GroupState,
  label: string,
  context: Uint8Array,
  length: number,
): Promise<Uint8Array> => mlsExporter(state.schedule.exporterSecret, label, context, length, cs);

/** The key of every kind 445 event of the state's epoch (protocol.md section 6); 32 bytes, secret. */
export const groupEventKey = (cs: CiphersuiteImpl, state: GroupState): Promise<Uint8Array> =>
  exportSecret(cs, state, 'marmot', new TextEncoder().encode('group-event'), 32);

/** `nonce[12] || ChaCha20-Poly1305(message)`: what the content of a kind 445 event encodes. */
export function sealGroupEvent(key: Uint8Array, message: Uint8Array, random: Random): Uint8Array {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, OPTIONS);
  const sealed = [nonce, cipher.update(message), cipher.final(), cipher.getAuthTag()];
  return new Uint8Array(Buffer.concat(sealed));
}

export interface OpenedEvent {
  readonly message: Uint8Array;
  /** Which of the keys opened it. */
  readonly at: number;
}

/**
 * An event carries no hint of its epoch: tries `keys`, those of the retained epochs, in order. Undefined when
 * none opens it: keep the event for when the keys change.
 */
export function openGroupEvent(keys: readonly Uint8Array[], sealed: Uint8Array): OpenedEvent | undefined {
  for (const [at, key] of keys.entries()) {
    const message = open(key, sealed);
    if (message !== undefined) return { message, at };
  }
  return undefined;
}

function open(key: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const tagAt = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), OPTIONS);
  decipher.setAuthTag(sealed.subarray(tagAt));
  try {
    const message = decipher.update(sealed.subarray(NONCE_BYTES, tagAt));
    return new Uint8Array(Buffer.concat([message, decipher.final()]));
  } catch {
    return undefined;
  }
}
