import { describe, expect, test } from 'vitest';
import { unixSeconds } from '../../../src/ids.ts';
import {
  accountProofTemplate,
  checkAccountProof,
  decodeAccountProof,
  encodeAccountProof,
} from '../../../src/protocol/account-proof.ts';
import { accountOf } from '../../../src/protocol/credential.ts';
import { eventId } from '../../../src/protocol/nip01.ts';
import type { NostrEvent } from '../../../src/records.ts';
import { fromHex, MALFORMED, toHex, vectors } from '../mls/samples.ts';
import { account, crypto, proofOf, stranger } from './samples.ts';

type Vector = Record<
  'signer_pubkey' | 'mls_signature_key' | 'event_id' | 'signature' | 'component',
  string
> & {
  created_at: number;
};
const vector = vectors<Vector>('account-identity-proof.json');
const signatureKey = fromHex(vector.mls_signature_key);
const template = accountProofTemplate(signatureKey, unixSeconds(vector.created_at));
const signed = { ...template, pubkey: vector.signer_pubkey, sig: vector.signature } as unknown as NostrEvent;

describe('the signing vector of the specification', () => {
  test('our template has its event id', () => {
    expect(eventId(signed)).toBe(vector.event_id);
  });

  test('the signed event becomes its 104 bytes, and back', () => {
    const bytes = encodeAccountProof(signed);
    expect(toHex(bytes)).toBe(vector.component);
    expect(decodeAccountProof(bytes)).toEqual({
      pubkey: vector.signer_pubkey,
      created_at: vector.created_at,
      sig: vector.signature,
    });
  });

  test('is valid for its leaf key and its account', () => {
    const verdict = checkAccountProof(
      fromHex(vector.component),
      signatureKey,
      fromHex(vector.signer_pubkey),
      crypto.verifySignature,
    );
    expect(verdict).toBe('valid');
  });
});

describe('a proof', () => {
  const key = new Uint8Array(32).fill(9);
  const proof = proofOf(account, key);
  const judge = (bytes: Uint8Array, leafKey = key, owner = account) =>
    checkAccountProof(bytes, leafKey, fromHex(owner.publicKey), crypto.verifySignature);

  test('for another leaf key is a bad signature', () => {
    expect(judge(proof)).toBe('valid');
    expect(judge(proof, new Uint8Array(32).fill(8))).toBe('bad_signature');
  });

  test('of another account does not speak for this one', () => {
    expect(judge(proof, key, stranger)).toBe('other_account');
  });

  test('with its date changed is a bad signature: the date is signed', () => {
    const later = proof.slice();
    later[39] = (later[39] as number) ^ 1;
    expect(judge(later)).toBe('bad_signature');
  });

  test.each([103, 105, 0])('of %i bytes is malformed', (length) => {
    const bytes = new Uint8Array(length);
    bytes.set(proof.subarray(0, length));
    expect(judge(bytes)).toBe('malformed');
    expect(() => decodeAccountProof(bytes)).toThrow(MALFORMED);
  });

  test('dated past what JSON can count to is malformed', () => {
    const bytes = proof.slice();
    bytes.set(fromHex('0020000000000000'), 32);
    expect(judge(bytes)).toBe('malformed');
    bytes.set(fromHex('001fffffffffffff'), 32);
    expect(judge(bytes)).toBe('bad_signature');
  });
});

describe('the account of a credential', () => {
  test('is its identity in hex', () => {
    expect(accountOf(fromHex(account.publicKey))).toBe(account.publicKey);
  });

  test.each([
    ['another credential type', undefined],
    ['a key as text', new TextEncoder().encode('ab'.repeat(32))],
    // BIP-340 test vectors 5 and 14
    ['no point of the curve', fromHex('eefdea4cdb677750a420fee807eacf21eb9898ae79b9768766e4faa04a2d4a34')],
    ['beyond the field', fromHex('fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30')],
  ])('is nobody for %s', (_, identity) => {
    expect(accountOf(identity)).toBeUndefined();
  });
});
