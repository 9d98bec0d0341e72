/**
 * NIP-59 from the recipient's side: a wrap by a throw-away key, around a seal by the sender, around a rumor nobody
 * signed. It is opened in two steps of one decryption each: the first tells who sent it, the second what it is.
 */
import type { PublicKey } from '../ids.ts';
import type { EventCrypto, SignerOutcome } from '../ports.ts';
import type { NostrEvent } from '../records.ts';
import { nestsDeeperThan } from './json-depth.ts';
import { KIND } from './kinds.ts';
import { type ParsedEvent, parseEvent, parseRumor, type Rumor, tagsNamed } from './nip01.ts';

export type WrapRejection =
  | 'not_a_gift_wrap'
  | 'wrap_invalid'
  | 'recipient_missing'
  | 'recipient_repeated'
  | 'other_recipient'
  | 'undecryptable'
  | 'seal_malformed'
  | 'seal_invalid'
  | 'rumor_malformed'
  | 'author_mismatch';

interface Rejected {
  readonly kind: 'rejected';
  readonly reason: WrapRejection;
}

/** The signer did not decrypt for a reason of its own; whether and when to ask again is the caller's decision. */
type SignerAway = Extract<SignerOutcome<never>, { kind: 'absent' }>;

/** What is inside the outer layer; the sender is proven by the seal's signature. */
export interface Seal {
  readonly sender: PublicKey;
  /** NIP-44 payload from the sender: the rumor. */
  readonly payload: string;
}

/** NIP-44 decryption with the account's key of a payload from `peer`, as in the Signer port. */
export type Decrypt = (peer: PublicKey, payload: string) => Promise<SignerOutcome<string>>;

/** A rumor of NIP-17 or of an invitation has tags of strings and no more. */
const MAX_DEPTH = 6;

function wrapProblem(
  wrap: NostrEvent,
  account: PublicKey,
  crypto: Pick<EventCrypto, 'verifyEvent'>,
): WrapRejection | undefined {
  if (wrap.kind !== KIND.giftWrap) return 'not_a_gift_wrap';
  const [recipient, ...more] = tagsNamed(wrap, 'p').map(([key]) => key);
  if (recipient === undefined) return 'recipient_missing';
  if (more.length > 0) return 'recipient_repeated';
  if (recipient !== account) return 'other_recipient';
  return crypto.verifyEvent(wrap) ? undefined : 'wrap_invalid';
}

/** The first step: takes the outer layer off, once its own signature holds (protocol.md section 5). */
export async function openWrap(
  wrap: NostrEvent,
  account: PublicKey,
  decrypt: Decrypt,
  crypto: Pick<EventCrypto, 'verifyEvent'>,
): Promise<{ readonly kind: 'seal'; readonly seal: Seal } | Rejected | SignerAway> {
  const problem = wrapProblem(wrap, account, crypto);
  if (problem !== undefined) return rejected(problem);
  const text = await decrypt(wrap.pubkey, wrap.content);
  if (text.kind !== 'ok') return unopened(text);
  const seal = parseText(text.value, parseEvent);
  if (!seal.ok || seal.event.kind !== KIND.seal) return rejected('seal_malformed');
  if (!crypto.verifyEvent(seal.event)) return rejected('seal_invalid');
  return { kind: 'seal', seal: { sender: seal.event.pubkey, payload: seal.event.content } };
}

/** The second step: the rumor, whose author is the sender of the seal. */
export async function openSeal(
  { sender, payload }: Seal,
  decrypt: Decrypt,
): Promise<{ readonly kind: 'rumor'; readonly rumor: Rumor } | Rejected | SignerAway> {
  const text = await decrypt(sender, payload);
  if (text.kind !== 'ok') return unopened(text);
  const rumor = parseText(text.value, parseRumor);
  if (!rumor.ok) return rejected('rumor_malformed');
  if (rumor.event.pubkey !== sender) return rejected('author_mismatch');
  return { kind: 'rumor', rumor: rumor.event };
}

const rejected = (reason: WrapRejection): Rejected => ({ kind: 'rejected', reason });

/** A payload that the signer refuses to decrypt is the sender's doing; a signer that is away is not. */
const unopened = (outcome: Exclude<SignerOutcome<never>, { kind: 'ok' }>): Rejected | SignerAway =>
  outcome.kind === 'refused' ? rejected('undecryptable') : outcome;

function parseText<T>(text: string, parse: (value: unknown) => ParsedEvent<T>): ParsedEvent<T> {
  if (nestsDeeperThan(MAX_DEPTH, text)) return { ok: false, reason: 'too deep' };
  try {
    return parse(JSON.parse(text));
  } catch {
    return { ok: false, reason: 'not JSON' };
  }
}
