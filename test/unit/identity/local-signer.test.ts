import { encrypt, getConversationKey } from 'nostr-tools/nip44';
import { afterEach, describe, expect, it } from 'vitest';
import { createEventCrypto } from '../../../src/identity/event-crypto.ts';
import { createLocalSigner } from '../../../src/identity/local-signer.ts';
import { unixSeconds } from '../../../src/ids.ts';
import { createAccount } from '../../support/nostr.ts';

const crypto = await createEventCrypto();
const alice = createAccount('alice');
const bob = createAccount('bob');
const secretKey = Uint8Array.from(alice.secretKey);
const signer = await createLocalSigner(secretKey);

const template = (content: string) => ({
  kind: 30443,
  created_at: unixSeconds(1_800_000_000),
  tags: [
    ['d', 'slot'],
    ['app_components', '0x8001', '0x8003'],
  ],
  content,
});
const encryptedTo = (peer: string, text: string): string =>
  encrypt(text, getConversationKey(bob.secretKey, peer));

describe('an account key in this process', () => {
  it('is named by its public key', () => {
    expect(signer).toMatchObject({ account: alice.publicKey, type: 'local' });
  });

  it.each([
    ['a small event', 'small'],
    ['an event larger than the memory of nostr-wasm', 'x'.repeat(1_500_000)],
  ])('signs exactly the template of %s', async (_, content) => {
    const asked = template(content);
    const outcome = await signer.sign(asked);
    if (outcome.kind !== 'ok') throw new Error(outcome.reason);
    const { id, pubkey, sig, ...rest } = outcome.value;
    expect(rest).toEqual(asked);
    expect(pubkey).toBe(alice.publicKey);
    expect(crypto.verifyEvent({ ...rest, id, pubkey, sig })).toBe(true);
  });

  it('does not touch the template it is given', async () => {
    const asked = template('kept');
    const before = structuredClone(asked);
    const outcome = await signer.sign(asked);
    expect(asked).toEqual(before);
    expect(outcome.kind === 'ok' && outcome.value.tags[0]).not.toBe(asked.tags[0]);
  });

  it('decrypts what a peer encrypted to it (NIP-44)', async () => {
    const outcome = await signer.decrypt(bob.publicKey, encryptedTo(alice.publicKey, 'a seal'));
    expect(outcome).toEqual({ kind: 'ok', value: 'a seal' });
  });

  it.each([
    ['meant for somebody else', bob.publicKey, encryptedTo(createAccount('carol').publicKey, 'x')],
    ['that is no NIP-44', bob.publicKey, 'AAAA'],
    ['that is empty', bob.publicKey, ''],
    ['longer than any Welcome', bob.publicKey, 'A'.repeat(5_000_000)],
    [
      'from a peer that is no key',
      'ff'.repeat(32) as typeof bob.publicKey,
      encryptedTo(alice.publicKey, 'x'),
    ],
    ['from a peer that is no hex', 'peer' as typeof bob.publicKey, encryptedTo(alice.publicKey, 'x')],
  ])('refuses a payload %s', async (_, peer, payload) => {
    expect(await signer.decrypt(peer, payload)).toMatchObject({ kind: 'refused' });
  });
});

describe('an account key that was put away', () => {
  afterEach(() => signer.close());

  it('is zeroed in memory, and asking for it is answered with its absence', async () => {
    await signer.close();
    expect(secretKey).toEqual(new Uint8Array(32));
    expect(await signer.sign(template('late'))).toMatchObject({ kind: 'absent' });
    expect(await signer.decrypt(bob.publicKey, 'late')).toMatchObject({ kind: 'absent' });
  });
});
