/**
 * The kind 445 event that carries one encrypted MLS message of a group (protocol.md section 6; Marmot
 * transports/nostr). Its author is a key made for this one event; its id and signature are checked before.
 */
import type { UnixSeconds } from '../ids.ts';
import type { EventTemplate } from '../ports.ts';
import type { NostrEvent } from '../records.ts';
import { base64Decode, base64Encode, ifWellFormed, isHex } from './bytes.ts';
import { KIND } from './kinds.ts';

/** A nonce of 12 bytes and a tag of 16 around an empty message. */
const MIN_CONTENT_BYTES = 28;

export interface GroupEvent {
  /** 32 bytes as hex (component 0x8004). */
  readonly nostrGroupId: string;
  /** `nonce || ciphertext`, with no hint which epoch's key opens it. */
  readonly sealed: Uint8Array;
  /** NIP-40: on application messages of a group with retention, and for relays only. */
  readonly expirationAt: UnixSeconds | undefined;
}

type GroupEventProblem = 'not_a_group_event' | 'tags_malformed' | 'content_not_base64' | 'content_too_short';

export type ParsedGroupEvent =
  | { readonly ok: true; readonly event: GroupEvent }
  | { readonly ok: false; readonly reason: GroupEventProblem };

/** What a fresh key signs. */
export function groupEventTemplate(event: GroupEvent, createdAt: UnixSeconds): EventTemplate {
  const expiration = event.expirationAt === undefined ? [] : [['expiration', String(event.expirationAt)]];
  return {
    kind: KIND.groupMessage,
    created_at: createdAt,
    tags: [['h', event.nostrGroupId], ...expiration],
    content: base64Encode(event.sealed),
  };
}

/** `h` once and `expiration` at most once; any other tag is a rejection. */
export function parseGroupEvent(event: NostrEvent): ParsedGroupEvent {
  const rejected = (reason: GroupEventProblem): ParsedGroupEvent => ({ ok: false, reason });
  if (event.kind !== KIND.groupMessage) return rejected('not_a_group_event');
  const tags = readTags(event.tags);
  if (tags === undefined) return rejected('tags_malformed');
  const sealed = ifWellFormed(() => base64Decode(event.content));
  if (sealed === undefined) return rejected('content_not_base64');
  if (sealed.length < MIN_CONTENT_BYTES) return rejected('content_too_short');
  return { ok: true, event: { ...tags, sealed } };
}

function readTags(tags: NostrEvent['tags']): Omit<GroupEvent, 'sealed'> | undefined {
  const only = (name: string): string | undefined => {
    const [first, ...more] = tags.filter((tag) => tag[0] === name);
    return more.length === 0 && first?.length === 2 ? first[1] : undefined;
  };
  const nostrGroupId = only('h');
  if (nostrGroupId === undefined || !isHex(nostrGroupId, 32)) return undefined;
  if (tags.length === 1) return { nostrGroupId, expirationAt: undefined };
  const expiration = only('expiration');
  if (tags.length !== 2 || expiration === undefined || !/^\d{1,15}$/.test(expiration)) return undefined;
  return { nostrGroupId, expirationAt: Number(expiration) as UnixSeconds };
}
