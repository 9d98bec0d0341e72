import { describe, expect, it } from 'vitest';
import { createEventCrypto } from '../../../src/identity/event-crypto.ts';
import type { EventId } from '../../../src/ids.ts';
import type { NostrEvent } from '../../../src/records.ts';
import { createAccount, withBadSignature } from '../../support/nostr.ts';

const crypto = await createEventCrypto();
const account = createAccount('alice');
const other = createAccount('bob');

const sizes = [
  { size: 'a small event', content: 'hello, wörld "\n' },
  { size: 'an event larger than the memory of nostr-wasm', content: 'ü'.repeat(1_200_000) },
];

describe.each(sizes)('$size', ({ content }) => {
  const event = account.sign({ content, tags: [['e', 'x'], []] });

  it('is verified when it is as it was signed', () => {
    expect(crypto.verifyEvent(event)).toBe(true);
  });

  it.each<[string, Partial<NostrEvent>]>([
    ['its content is another', { content: `${content}.` }],
    ['its author is another', { pubkey: other.publicKey }],
    ['its signature is of another event', { sig: other.sign().sig }],
    ['its id is empty', { id: '' as EventId }],
    ['its id is too long', { id: `${event.id}00` as EventId }],
    ['its id is in upper case', { id: event.id.toUpperCase() as EventId }],
    ['its signature is too long', { sig: `${event.sig}00` }],
    ['its signature is no hex', { sig: 'z'.repeat(128) }],
  ])('is refused when %s', (_, change) => {
    expect(crypto.verifyEvent({ ...event, ...change })).toBe(false);
  });

  it('is refused when one digit of the signature is wrong', () => {
    expect(crypto.verifyEvent(withBadSignature(event))).toBe(false);
  });
});

describe('a bare BIP-340 signature', () => {
  // Test vector 1 of BIP-340.
  const vector = {
    id: '243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89',
    pubkey: 'dff1d77f2a671c5f36183726db2341be58feae1da2deced843240f7b502ba659',
    sig:
      '6896bd60eeae296db48a229ff71dfe071bde413e6d43f917dc8dcf8c78de3341' +
      '8906d11ac976abccb20b091292bff4ea897efcb639ea871cfa95f6de339e4b0a',
  };

  it('is verified when it is the one of the specification', () => {
    expect(crypto.verifySignature(vector.id, vector.pubkey, vector.sig)).toBe(true);
  });

  it.each([
    ['another message', { ...vector, id: '00'.repeat(32) }],
    ['another key', { ...vector, pubkey: account.publicKey }],
    ['a key that is not on the curve', { ...vector, pubkey: 'ff'.repeat(32) }],
    ['a signature cut short', { ...vector, sig: vector.sig.slice(2) }],
    ['an id that is no hex', { ...vector, id: 'g'.repeat(64) }],
  ])('is refused for %s', (_, { id, pubkey, sig }) => {
    expect(crypto.verifySignature(id, pubkey, sig)).toBe(false);
  });
});
