/** Gift wraps by the hundred: real ones, and what strangers send instead. */

import * as nip44 from 'nostr-tools/nip44';
import { initNostrWasm } from 'nostr-wasm';
import type { EventId, PublicKey, RelayUrl, UnixSeconds } from '../../src/ids.ts';
import { eventId } from '../../src/protocol/nip01.ts';
import { buildWelcomeRumor } from '../../src/protocol/welcome-rumor.ts';
import type { NostrEvent } from '../../src/records.ts';
import { createAccount, type TestAccount } from './nostr.ts';

const wasm = await initNostrWasm();
const throwaway = createAccount('throw-away');

export interface WrapParts {
  readonly at: number;
  /** Makes one differ from the others of its second. */
  readonly salt?: number | string;
  readonly content?: string;
}

/** A gift wrap that is validly signed and holds nothing that decrypts; signed quickly. */
export function junkWrap(to: PublicKey, { at, salt = '', content = `junk ${salt}` }: WrapParts): NostrEvent {
  const event = {
    id: '' as EventId,
    pubkey: '' as PublicKey,
    created_at: at as UnixSeconds,
    kind: 1059,
    tags: [['p', to]],
    content,
    sig: '',
  };
  wasm.finalizeEvent(event, throwaway.secretKey);
  return event;
}

/** The same `count` times, one a second up to `until`. */
export const junkWraps = (to: PublicKey, count: number, until: number): NostrEvent[] =>
  Array.from({ length: count }, (_, i) => junkWrap(to, { at: until - i, salt: i }));

/** A gift wrap around a rumor of this kind (NIP-59). */
export function giftWrap(
  from: TestAccount,
  to: PublicKey,
  at: number,
  rumor: { readonly kind: number; readonly content?: string; readonly tags?: string[][] },
): NostrEvent {
  const unsigned = {
    pubkey: from.publicKey,
    created_at: at as UnixSeconds,
    kind: rumor.kind,
    tags: rumor.tags ?? [],
    content: rumor.content ?? 'hi',
  };
  return sealed(from, to, at, { id: eventId(unsigned), ...unsigned });
}

/** An invitation whose Welcome is nothing that could be joined. */
export function invitationWrap(from: TestAccount, to: PublicKey, at: number): NostrEvent {
  const rumor = buildWelcomeRumor({
    author: from.publicKey,
    createdAt: at as UnixSeconds,
    message: Uint8Array.of(0, 1, 0, 3, at & 0xff),
    keyPackageEvent: '0'.repeat(64) as EventId,
    relays: ['ws://127.0.0.1:7777/' as RelayUrl],
  });
  return sealed(from, to, at, rumor);
}

function sealed(from: TestAccount, to: PublicKey, at: number, rumor: object): NostrEvent {
  const seal = from.sign({ kind: 13, created_at: at, content: encrypted(from, to, JSON.stringify(rumor)) });
  return throwaway.sign({
    kind: 1059,
    created_at: at,
    tags: [['p', to]],
    content: encrypted(throwaway, to, JSON.stringify(seal)),
  });
}

const encrypted = (from: TestAccount, to: PublicKey, text: string): string =>
  nip44.encrypt(text, nip44.getConversationKey(from.secretKey, to));
