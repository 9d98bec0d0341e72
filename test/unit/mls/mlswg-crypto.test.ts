/** The working group's vectors for what lies below messages: crypto-basics and key-schedule. */
import { decryptWithLabel, encryptWithLabel } from 'ts-mls/crypto/hpke.js';
import { deriveSecret, deriveTreeSecret, expandWithLabel } from 'ts-mls/crypto/kdf.js';
import { encodeGroupContext, type GroupContext } from 'ts-mls/groupContext.js';
import { initializeEpoch, mlsExporter } from 'ts-mls/keySchedule.js';
import { describe, expect, test } from 'vitest';
import { refHash, signWithLabel, verifyWithLabel } from '../../../src/mls/crypto/labelled.ts';
import { CIPHERSUITE_NAME } from '../../../src/mls/crypto/provider.ts';
import { PROVIDERS } from './providers.ts';
import { fromHex, toHex, vectors } from './samples.ts';

type Hexes<Names extends string> = Readonly<Record<Names, string>>;

interface CryptoBasics {
  readonly ref_hash: Hexes<'label' | 'out' | 'value'>;
  readonly sign_with_label: Hexes<'priv' | 'pub' | 'content' | 'label' | 'signature'>;
  readonly encrypt_with_label: Hexes<
    'priv' | 'pub' | 'label' | 'context' | 'plaintext' | 'kem_output' | 'ciphertext'
  >;
  readonly expand_with_label: Hexes<'secret' | 'label' | 'context' | 'out'> & { readonly length: number };
  readonly derive_secret: Hexes<'secret' | 'label' | 'out'>;
  readonly derive_tree_secret: Hexes<'secret' | 'label' | 'out'> & {
    readonly generation: number;
    readonly length: number;
  };
}

interface KeySchedule {
  readonly group_id: string;
  readonly initial_init_secret: string;
  readonly epochs: readonly Epoch[];
}

type Epoch = Hexes<
  | 'tree_hash'
  | 'confirmed_transcript_hash'
  | 'commit_secret'
  | 'psk_secret'
  | 'group_context'
  | 'joiner_secret'
  | 'welcome_secret'
  | 'init_secret'
  | 'sender_data_secret'
  | 'encryption_secret'
  | 'exporter_secret'
  | 'external_secret'
  | 'external_pub'
  | 'confirmation_key'
  | 'membership_key'
  | 'resumption_psk'
  | 'epoch_authenticator'
> & { readonly exporter: Hexes<'label' | 'context' | 'secret'> & { readonly length: number } };

const basics = vectors<CryptoBasics[]>('mlswg/crypto-basics.json');
const schedules = vectors<KeySchedule[]>('mlswg/key-schedule.json');

test('crypto-basics: reference hashes and labelled signatures', () => {
  for (const { ref_hash, sign_with_label: sign } of basics) {
    expect(toHex(refHash(ref_hash.label, fromHex(ref_hash.value)))).toBe(ref_hash.out);
    const label = `MLS 1.0 ${sign.label}`;
    const content = fromHex(sign.content);
    expect(verifyWithLabel(fromHex(sign.pub), label, content, fromHex(sign.signature))).toBe(true);
    expect(toHex(signWithLabel(fromHex(sign.priv), label, content))).toBe(sign.signature);
  }
});

describe.each(PROVIDERS)('%s', (_name, cs) => {
  test('crypto-basics: labelled expansion', async () => {
    for (const { expand_with_label: expand, derive_secret: derive, derive_tree_secret: tree } of basics) {
      const expanded = expandWithLabel(
        fromHex(expand.secret),
        expand.label,
        fromHex(expand.context),
        expand.length,
        cs.kdf,
      );
      expect(toHex(await expanded)).toBe(expand.out);
      expect(toHex(await deriveSecret(fromHex(derive.secret), derive.label, cs.kdf))).toBe(derive.out);
      const secret = fromHex(tree.secret);
      const derived = deriveTreeSecret(secret, tree.label, tree.generation, tree.length, cs.kdf);
      expect(toHex(await derived)).toBe(tree.out);
    }
  });

  test('crypto-basics: labelled encryption', async () => {
    for (const { encrypt_with_label: vector } of basics) {
      const [context, plaintext] = [fromHex(vector.context), fromHex(vector.plaintext)];
      const privateKey = await cs.hpke.importPrivateKey(fromHex(vector.priv));
      const publicKey = await cs.hpke.importPublicKey(fromHex(vector.pub));
      const own = await encryptWithLabel(publicKey, vector.label, context, plaintext, cs.hpke);
      const theirs = { enc: fromHex(vector.kem_output), ct: fromHex(vector.ciphertext) };
      for (const { enc, ct } of [theirs, own]) {
        const opened = await decryptWithLabel(privateKey, vector.label, context, enc, ct, cs.hpke);
        expect(opened).toEqual(plaintext);
      }
    }
  });

  test('key-schedule: every secret of every epoch', async () => {
    for (const { group_id, initial_init_secret, epochs } of schedules) {
      let initSecret = fromHex(initial_init_secret);
      for (const [number, epoch] of epochs.entries()) {
        const context: GroupContext = {
          version: 'mls10',
          cipherSuite: CIPHERSUITE_NAME,
          groupId: fromHex(group_id),
          epoch: BigInt(number),
          treeHash: fromHex(epoch.tree_hash),
          confirmedTranscriptHash: fromHex(epoch.confirmed_transcript_hash),
          extensions: [],
        };
        expect(toHex(encodeGroupContext(context))).toBe(epoch.group_context);
        const [commitSecret, pskSecret] = [fromHex(epoch.commit_secret), fromHex(epoch.psk_secret)];
        const made = await initializeEpoch(initSecret, commitSecret, context, pskSecret, cs.kdf);
        const { keySchedule: keys } = made;
        expect(epoch).toMatchObject({
          joiner_secret: toHex(made.joinerSecret),
          welcome_secret: toHex(made.welcomeSecret),
          encryption_secret: toHex(made.encryptionSecret),
          init_secret: toHex(keys.initSecret),
          sender_data_secret: toHex(keys.senderDataSecret),
          exporter_secret: toHex(keys.exporterSecret),
          external_secret: toHex(keys.externalSecret),
          confirmation_key: toHex(keys.confirmationKey),
          membership_key: toHex(keys.membershipKey),
          resumption_psk: toHex(keys.resumptionPsk),
          epoch_authenticator: toHex(keys.epochAuthenticator),
        });
        const { publicKey } = await cs.hpke.deriveKeyPair(keys.externalSecret);
        expect(toHex(await cs.hpke.exportPublicKey(publicKey))).toBe(epoch.external_pub);
        const { label, context: of, length, secret } = epoch.exporter;
        expect(toHex(await mlsExporter(keys.exporterSecret, label, fromHex(of), length, cs))).toBe(secret);
        initSecret = keys.initSecret;
      }
    }
  });
});
