import { v2 as nip44 } from 'nostr-tools/nip44';
import { createEventCrypto } from '../../../src/identity/event-crypto.ts';
import type { SlotId, UnixSeconds } from '../../../src/ids.ts';
import type { EventTemplate, KeyPackageFacts } from '../../../src/ports.ts';
import { accountProofTemplate, encodeAccountProof } from '../../../src/protocol/account-proof.ts';
import {
  checkKeyPackageEvent,
  type KeyPackageCheck,
  keyPackageEventTemplate,
  type ValidKeyPackage,
} from '../../../src/protocol/key-package-event.ts';
import type { NostrEvent } from '../../../src/records.ts';
import { createAccount, type TestAccount } from '../../support/nostr.ts';
import { mls, rustKeyPackage } from '../mls/samples.ts';

export const NOW = 1_800_000_000 as UnixSeconds;
export const SLOT = '5a'.repeat(32) as SlotId;
export const account = createAccount('protocol');
export const stranger = createAccount('stranger');
export const crypto = await createEventCrypto();

/** The package of the Rust implementation. */
export const rust = rustKeyPackage;

export const at = (instant: number): UnixSeconds => instant as UnixSeconds;

/** A real KeyPackage of `owner`, with a real account proof. */
export function makePackage({ owner = account, lastResort = false, notBefore = NOW - 3_600 } = {}): {
  readonly facts: KeyPackageFacts;
  readonly message: Uint8Array;
} {
  const signatureKeyPair = mls.newSignatureKeyPair();
  const { message } = mls.generateKeyPackage({
    account: owner.publicKey,
    signatureKeyPair,
    accountProof: proofOf(owner, signatureKeyPair.publicKey),
    lastResort,
    notBefore: at(notBefore),
    notAfter: at(notBefore + 7_261_200),
  });
  return { facts: mls.readKeyPackage(message), message };
}

export const proofOf = (owner: TestAccount, signatureKey: Uint8Array): Uint8Array =>
  encodeAccountProof(owner.sign(accountProofTemplate(signatureKey, NOW)));

/** The template of a good package, which tests bend before signing. */
export const templateOf = (
  made: { facts: KeyPackageFacts; message: Uint8Array } = makePackage(),
  createdAt = NOW,
): EventTemplate => keyPackageEventTemplate({ ...made, slot: SLOT, createdAt });

/** Judged now, by the real MLS room unless the test says what it reads. */
export const check = (
  event: NostrEvent,
  readKeyPackage: (message: Uint8Array) => KeyPackageFacts | Promise<KeyPackageFacts> = mls.readKeyPackage,
  now = NOW,
): Promise<KeyPackageCheck> => checkKeyPackageEvent(event, { readKeyPackage, crypto }, now);

/** The codes of the refusal, `valid` when there is none. */
export const codesOf = (result: KeyPackageCheck): string | string[] =>
  result.ok ? 'valid' : result.reasons.map(({ code }) => code);

export async function validPackage(event: NostrEvent): Promise<ValidKeyPackage> {
  const result = await check(event);
  if (!result.ok) throw new Error(`not valid: ${codesOf(result)}`);
  return result;
}

/** NIP-44 from one account to another. */
export const encryptFrom = (from: TestAccount, to: TestAccount, text: string): string =>
  nip44.encrypt(text, nip44.utils.getConversationKey(from.secretKey, to.publicKey));
