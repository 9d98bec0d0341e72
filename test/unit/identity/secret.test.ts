import { npubEncode, nsecEncode } from 'nostr-tools/nip19';
import { encrypt } from 'nostr-tools/nip49';
import { describe, expect, it } from 'vitest';
import { newSecretKey, parseSecret } from '../../../src/identity/secret.ts';
import { createAccount } from '../../support/nostr.ts';
import { createSeededRandom } from '../../support/random.ts';

const { secretKey, publicKey } = createAccount('alice');
const hex = Buffer.from(secretKey).toString('hex');
const nsec = nsecEncode(secretKey);
/** Test vector of NIP-49. */
const ncryptsec =
  'ncryptsec1qgg9947rlpvqu76pj5ecreduf9jxhselq2nae2kghhvd5g7dgjtcxfqtd67p9m0w57lspw8gsq6yphnm8623nsl8xn9j4jdzz84zm3frztj3z7s35vpzmqf6ksu8r89qk5z2zxfmu5gv8th8wclt0h4p';
const ncryptsecKey = '3501454135014541350145413501453fefb02227e449e57cf4d3a3ce05378683';

describe('an account key', () => {
  it.each([
    ['an nsec', nsec],
    ['an nsec in upper case', nsec.toUpperCase()],
    ['hex', hex],
    ['hex in upper case', hex.toUpperCase()],
    ['hex between blanks', ` ${hex}\n`],
  ])('is read from %s', (_, text) => {
    expect(parseSecret(text)).toEqual(secretKey);
  });

  it('is read from the ncryptsec of NIP-49 with its password', () => {
    expect(Buffer.from(parseSecret(ncryptsec, 'nostr')).toString('hex')).toBe(ncryptsecKey);
  });

  it('is read from an ncryptsec whose password can be typed in two ways (NFKC)', () => {
    // The composed and the decomposed spelling of one character.
    expect(parseSecret(encrypt(secretKey, 'caf\u00e9', 1), 'cafe\u0301')).toEqual(secretKey);
  });

  it.each([
    ['an ncryptsec without a password', ncryptsec, undefined],
    ['an ncryptsec with another password', ncryptsec, 'nostr!'],
    ['an ncryptsec with a typing error', ncryptsec.replace('qgg9', 'qgg8'), 'nostr'],
    ['an ncryptsec that would take gigabytes', encryptedWithLogRounds(21), 'nostr'],
    ['an ncryptsec cut to nothing', 'ncryptsec1', 'nostr'],
    ['an nsec with a typing error', nsec.replace(/.$/, (last) => (last === 'q' ? 'p' : 'q')), undefined],
    ['an nsec cut short', nsec.slice(0, -8), undefined],
    ['an npub', npubEncode(publicKey), undefined],
    ['hex cut short', hex.slice(2), undefined],
    ['zero', '0'.repeat(64), undefined],
    ['a number above the order of the curve', 'f'.repeat(64), undefined],
    ['nothing', '', undefined],
    ['a word', 'correct-horse', undefined],
  ])('is refused as %s, and what was given is not repeated', (_, text, password) => {
    const attempt = (): unknown => parseSecret(text, password);
    expect(attempt).toThrow(expect.objectContaining({ code: 'identity_invalid' }));
    const error = thrownBy(attempt);
    expect(error.repair).not.toBe('');
    for (const secret of [text, password].filter((given) => given !== undefined && given.length > 5)) {
      expect(`${error.stack} ${error.repair} ${JSON.stringify(error)}`).not.toContain(secret);
    }
    expect(error.cause).toBeUndefined();
  });

  it('that is made anew is a valid one, also when chance offers an invalid one first', () => {
    const seeded = createSeededRandom('new key');
    const offers = [new Uint8Array(32), new Uint8Array(32).fill(255)];
    const key = newSecretKey({ bytes: (length) => offers.shift() ?? seeded.bytes(length) });
    expect(parseSecret(Buffer.from(key).toString('hex'))).toEqual(key);
    expect(offers).toEqual([]);
  });
});

/** The vector with another second byte, LOG_N: its bits are the 9th to 16th of the digits' five each. */
function encryptedWithLogRounds(rounds: number): string {
  const digits = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
  const bits = (2 << 12) | (rounds << 4);
  const first = [15, 10, 5, 0].map((shift) => digits[(bits >> shift) & 31]).join('');
  return `ncryptsec1${first}${ncryptsec.slice('ncryptsec1'.length + 4)}`;
}

function thrownBy(attempt: () => unknown): Error & { repair?: string } {
  try {
    attempt();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
