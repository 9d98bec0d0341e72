/** NIP-59: a signed wrap by a throwaway key, around a seal signed by the sender, around a rumor nobody signed. */
import type { PublicKey } from '../ids.ts';
import type { EventCrypto, SignerOutcome } from '../ports.ts';
import type { NostrEvent } from '../records.ts';
import { KIND } from './kinds.ts';
import { type ParsedEvent, parseEvent, parseRumor, type Rumor, tagsNamed } from './nip01.ts';

type GiftWrapRejection =
  | 'not_a_gift_wrap'
  | 'wrap_invalid'
  | 'recipient_missing'
  | 'recipient_repeated'
  | 'other_recipient'
  | 'seal_malformed'
  | 'seal_invalid'
  | 'rumor_malformed'
  | 'author_mismatch';

export type Unwrapped =
  /** The rumor's author is proven by the seal's signature. */
  | { readonly kind: 'rumor'; readonly rumor: Rumor }
  | { readonly kind: 'rejected'; readonly reason: GiftWrapRejection }
  /** The signer did not decrypt; whether and when to ask again is the caller's decision. */
  | Exclude<SignerOutcome<never>, { kind: 'ok' }>;

/** NIP-44 decryption with the account's key of a payload from `peer`, as in the Signer port. */
export type Decrypt = (peer: PublicKey, payload: string) => Promise<SignerOutcome<string>>;

/** Takes a gift wrap apart and checks every layer before it opens the next (protocol.md section 5, step 1). */
export async function unwrapGiftWrap(
  wrap: NostrEvent,
  account: PublicKey,
  decrypt: Decrypt,
  crypto: Pick<EventCrypto, 'verifyEvent'>,
): Promise<Unwrapped> {
  const outer = wrapProblem(wrap, account, crypto);
  if (outer !== undefined) return rejected(outer);

  const sealText = await decrypt(wrap.pubkey, wrap.content);
  if (sealText.kind !== 'ok') return sealText;
  const seal = parseText(sealText.value, parseEvent);
  if (!seal.ok || seal.event.kind !== KIND.seal) return rejected('seal_malformed');
  if (!crypto.verifyEvent(seal.event)) return rejected('seal_invalid');

  const rumorText = await decrypt(seal.event.pubkey, seal.event.content);
  if (rumorText.kind !== 'ok') return rumorText;
  const rumor = parseText(rumorText.value, parseRumor);
  if (!rumor.ok) return rejected('rumor_malformed');
  if (rumor.event.pubkey !== seal.event.pubkey) return rejected('author_mismatch');
  return { kind: 'rumor', rumor: rumor.event };
}

function wrapProblem(
  wrap: NostrEvent,
  account: PublicKey,
  crypto: Pick<EventCrypto, 'verifyEvent'>,
): GiftWrapRejection | undefined {
  if (wrap.kind !== KIND.giftWrap) return 'not_a_gift_wrap';
  const [recipient, ...more] = tagsNamed(wrap, 'p').map(([key]) => key);
  if (recipient === undefined) return 'recipient_missing';
  if (more.length > 0) return 'recipient_repeated';
  if (recipient !== account) return 'other_recipient';
  return crypto.verifyEvent(wrap) ? undefined : 'wrap_invalid';
}

const rejected = (reason: GiftWrapRejection): Unwrapped => ({ kind: 'rejected', reason });

function parseText<T>(text: string, parse: (value: unknown) => ParsedEvent<T>): ParsedEvent<T> {
  try {
    return parse(JSON.parse(text));
  } catch {
    return { ok: false, reason: 'not JSON' };
  }
}
