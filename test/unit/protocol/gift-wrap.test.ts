import { wrapEvent } from 'nostr-tools/nip59';
import { describe, expect, test } from 'vitest';
import { createLocalSigner } from '../../../src/identity/local-signer.ts';
import type { EventTemplate, SignerOutcome } from '../../../src/ports.ts';
import { openSeal, openWrap } from '../../../src/protocol/gift-wrap.ts';
import { eventId } from '../../../src/protocol/nip01.ts';
import type { NostrEvent } from '../../../src/records.ts';
import { createAccount, type TestAccount, withBadSignature } from '../../support/nostr.ts';
import { account, crypto, encryptFrom, NOW, stranger } from './samples.ts';

const throwaway = createAccount('throwaway');
const signer = await createLocalSigner(account.secretKey.slice());
async function unwrap(wrap: NostrEvent, decrypt = signer.decrypt) {
  const outer = await openWrap(wrap, account.publicKey, decrypt, crypto);
  return outer.kind === 'seal' ? openSeal(outer.seal, decrypt) : outer;
}

const unsigned = {
  pubkey: stranger.publicKey,
  created_at: NOW,
  kind: 444,
  tags: [['e', 'x']],
  content: 'hi',
};
const rumor = { id: eventId(unsigned), ...unsigned };

const layer = (from: TestAccount, kind: number, inside: unknown, bend: Partial<EventTemplate> = {}) =>
  from.sign({ kind, content: encryptFrom(from, account, textOf(inside)), ...bend });
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const seal = (inside: unknown = rumor, bend?: Partial<EventTemplate>, from = stranger) =>
  layer(from, 13, inside, bend);
const wrap = (inside: unknown = seal(), bend?: Partial<EventTemplate>) =>
  layer(throwaway, 1059, inside, { tags: [['p', account.publicKey]], ...bend });

describe('a gift wrap', () => {
  test('gives the rumor, whose author signed the seal', async () => {
    expect(await unwrap(wrap())).toEqual({ kind: 'rumor', rumor });
  });

  test('made by another implementation is opened as well', async () => {
    const template = { kind: 444, tags: [['e', 'x']], content: 'hi', created_at: NOW };
    const made = wrapEvent(template, stranger.secretKey, account.publicKey);
    const result = await unwrap(JSON.parse(JSON.stringify(made)));
    expect(result).toMatchObject({ kind: 'rumor', rumor: { ...template, pubkey: stranger.publicKey } });
  });

  test('may carry other tags', async () => {
    const tags = [
      ['p', account.publicKey, 'wss://hint.example'],
      ['expiration', '1900000000'],
    ];
    expect(await unwrap(wrap(undefined, { tags }))).toMatchObject({ kind: 'rumor' });
  });

  test.each<[string, string, NostrEvent]>([
    ['of another kind', 'not_a_gift_wrap', wrap(undefined, { kind: 1060 })],
    ['with a wrong signature', 'wrap_invalid', withBadSignature(wrap())],
    ['for nobody', 'recipient_missing', wrap(undefined, { tags: [] })],
    [
      'for two',
      'recipient_repeated',
      wrap(undefined, {
        tags: [
          ['p', account.publicKey],
          ['p', account.publicKey],
        ],
      }),
    ],
    ['for another', 'other_recipient', wrap(undefined, { tags: [['p', stranger.publicKey]] })],
    ['with no JSON in it', 'seal_malformed', wrap('{')],
    ['with something else than an event in it', 'seal_malformed', wrap('null')],
    ['with the rumor right inside', 'seal_malformed', wrap(rumor)],
    ['with a note for a seal', 'seal_malformed', wrap(seal(rumor, { kind: 1 }))],
    ['with a seal nobody signed', 'seal_invalid', wrap(withBadSignature(seal()))],
    ['with a seal changed after signing', 'seal_invalid', wrap({ ...seal(), created_at: NOW - 1 })],
    ['with no JSON in the seal', 'rumor_malformed', wrap(seal('hi'))],
    ['with a signed event in the seal', 'rumor_malformed', wrap(seal(stranger.sign(unsigned)))],
    ['with a rumor of another id', 'rumor_malformed', wrap(seal({ ...rumor, content: 'ho' }))],
    ['with a rumor of another author', 'author_mismatch', wrap(seal(rumor, {}, throwaway))],
  ])('%s is refused: %s', async (_, reason, event) => {
    expect(await unwrap(event)).toEqual({ kind: 'rejected', reason });
  });

  test('is not decrypted before its own signature holds', async () => {
    const never = () => Promise.reject(new Error('asked to decrypt'));
    expect(await unwrap(withBadSignature(wrap()), never)).toEqual({
      kind: 'rejected',
      reason: 'wrap_invalid',
    });
  });

  test('waits for a signer that is away, at either layer', async () => {
    const outcome: SignerOutcome<never> = { kind: 'absent', reason: 'phone is off' };
    expect(await unwrap(wrap(), async () => outcome)).toEqual(outcome);
    const second: typeof signer.decrypt = (peer, payload) =>
      peer === stranger.publicKey ? Promise.resolve(outcome) : signer.decrypt(peer, payload);
    expect(await unwrap(wrap(), second)).toEqual(outcome);
  });

  test('tells the sender by its first step alone, with one decryption', async () => {
    let asked = 0;
    const decrypt: typeof signer.decrypt = (peer, payload) => {
      asked += 1;
      return signer.decrypt(peer, payload);
    };
    expect(await openWrap(wrap(), account.publicKey, decrypt, crypto)).toMatchObject({
      kind: 'seal',
      seal: { sender: stranger.publicKey },
    });
    expect(asked).toBe(1);
  });

  test('with a payload for somebody else does not decrypt', async () => {
    const content = encryptFrom(throwaway, stranger, JSON.stringify(seal()));
    expect(await unwrap(wrap(undefined, { content }))).toEqual({ kind: 'rejected', reason: 'undecryptable' });
  });

  test('with a seal of nothing but brackets is not parsed', async () => {
    expect(await unwrap(wrap('['.repeat(40_000)))).toEqual({ kind: 'rejected', reason: 'seal_malformed' });
  });
});
