import { decode } from 'nostr-tools/nip19';
import { decrypt } from 'nostr-tools/nip49';
import { DaemonError } from '../errors.ts';
import type { Random } from '../ports.ts';

const SECRET_LENGTH = 32;
/** The order of secp256k1 (SEC 2): secret keys are below it, and not 0. */
const ORDER = Buffer.from('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141', 'hex');
/** NIP-49: scrypt with 2^20 rounds takes 1 GiB of memory and several seconds. The file chooses the number. */
const MAX_LOG_ROUNDS = 20;
const BECH32_DIGITS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

/** A new account key. */
export function newSecretKey(random: Random): Uint8Array {
  for (;;) {
    const key = random.bytes(SECRET_LENGTH);
    if (isSecretKey(key)) return key;
  }
}

/**
 * An account key as people keep it: nsec (NIP-19), 64 hex digits, or ncryptsec (NIP-49) with its password.
 * Errors: `identity_invalid`, which never repeats what was given.
 */
export function parseSecret(text: string, password?: string): Uint8Array {
  const key = decodeSecret(text.trim(), password);
  if (!isSecretKey(key))
    throw invalid('this is no secret key of secp256k1', 'check that it was copied whole');
  return key;
}

function decodeSecret(text: string, password: string | undefined): Uint8Array {
  if (/^[0-9a-f]{64}$/i.test(text)) return new Uint8Array(Buffer.from(text, 'hex'));
  const [, prefix] = /^(nsec|ncryptsec|npub)1/i.exec(text) ?? [];
  switch (prefix?.toLowerCase()) {
    case 'nsec':
      return decodeNsec(text);
    case 'ncryptsec':
      return decodeNcryptsec(text.toLowerCase(), password);
    case 'npub':
      throw invalid('an npub is the public key', 'give the secret key, which begins with nsec1');
    default:
      throw invalid('this is no account key', 'give an nsec, an ncryptsec, or 64 hex digits');
  }
}

function decodeNsec(text: string): Uint8Array {
  try {
    return decode(text).data as Uint8Array;
  } catch {
    // The error of the decoder repeats its input: it must go no further.
    throw invalid('this nsec has a typing error in it', 'check that it was copied whole');
  }
}

function decodeNcryptsec(text: string, password: string | undefined): Uint8Array {
  if (password === undefined) {
    throw invalid(
      'this ncryptsec needs its password',
      'import it with `dialogctl init`, which asks for that',
    );
  }
  if (logRounds(text) > MAX_LOG_ROUNDS) {
    throw invalid(
      `this ncryptsec asks for more than 2^${MAX_LOG_ROUNDS} rounds of scrypt`,
      'export it again from where it came from, with fewer rounds',
    );
  }
  try {
    return decrypt(text, password);
  } catch {
    throw invalid('the password is wrong, or this ncryptsec has a typing error in it', 'try once more');
  }
}

/** The second byte of an ncryptsec: bits 8 to 15 of its digits, which have five each. */
function logRounds(ncryptsec: string): number {
  const digits = [...ncryptsec.slice('ncryptsec1'.length, 'ncryptsec1'.length + 4)];
  const bits = digits.reduce((sum, digit) => (sum << 5) | Math.max(0, BECH32_DIGITS.indexOf(digit)), 0);
  return (bits >> 4) & 0xff;
}

const isSecretKey = (key: Uint8Array): boolean =>
  key.length === SECRET_LENGTH && key.some((byte) => byte !== 0) && Buffer.compare(key, ORDER) < 0;

const invalid = (message: string, repair: string): DaemonError =>
  new DaemonError('identity_invalid', message, { repair });
