import { finalizeEvent, getPublicKey, verifiedSymbol } from 'nostr-tools/pure';
import type { PublicKey } from '../../src/ids.ts';
import type { EventTemplate, Random } from '../../src/ports.ts';
import type { NostrEvent } from '../../src/records.ts';
import { createSeededRandom } from './random.ts';

/** A key pair that signs whatever it is given. */
export interface TestAccount {
  readonly secretKey: Uint8Array;
  readonly publicKey: PublicKey;
  /** Missing parts of the template are a kind 1 note at a fixed instant. */
  sign(template?: TemplateParts): NostrEvent;
}

type TemplateParts = Partial<Omit<EventTemplate, 'created_at'>> & { readonly created_at?: number };

const sample = { kind: 1, created_at: 1_800_000_000, tags: [], content: '' };

/** The same seed is the same account. */
export function createAccount(seed: number | string | Random = 'account'): TestAccount {
  const random = typeof seed === 'object' ? seed : createSeededRandom(seed);
  const secretKey = random.bytes(32);
  return {
    secretKey,
    publicKey: getPublicKey(secretKey) as PublicKey,
    sign: (template = {}) => {
      const { created_at, kind, content, tags } = { ...sample, ...template };
      const copy = { created_at, kind, content, tags: tags.map((tag) => [...tag]) };
      // nostr-tools marks what it signed as checked, and a tampered copy would inherit the mark.
      const { [verifiedSymbol]: _mark, ...event } = finalizeEvent(copy, secretKey);
      return event as unknown as NostrEvent;
    },
  };
}

/** The event with a signature that is well-formed and wrong. */
export function withBadSignature(event: NostrEvent): NostrEvent {
  const flipped = event.sig.startsWith('0') ? '1' : '0';
  return { ...event, sig: flipped + event.sig.slice(1) };
}
