/** Nostr events (NIP-01): their id, their shape at the border, and which of two replaces the other. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import type { EventId, PublicKey } from '../ids.ts';
import type { EventTemplate } from '../ports.ts';
import type { NostrEvent } from '../records.ts';

/** A complete event that nobody signs (NIP-59). */
export type Rumor = Omit<NostrEvent, 'sig'>;

/** An event as it is hashed. */
export type UnsignedEvent = Omit<Rumor, 'id'>;

/** What came of reading an event from outside; `reason` names the field and what is wrong with it. */
export type ParsedEvent<T> =
  | { readonly ok: true; readonly event: T }
  | { readonly ok: false; readonly reason: string };

/** UTF-16 units. A gift-wrapped Welcome to a group of 1,000 has about 1.6 million. */
const MAX_CONTENT_LENGTH = 4 * 1024 * 1024;
const MAX_TAGS = 2_000;
const MAX_TAG_ITEMS = 500;
/** All strings of all tags together. */
const MAX_TAGS_LENGTH = 524_288;

const hex = (length: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${2 * length}}$`), `not ${2 * length} lowercase hex digits`);

const rumorShape = z.object({
  id: hex(32).transform((id) => id as EventId),
  pubkey: hex(32).transform((key) => key as PublicKey),
  created_at: z
    .int()
    .min(0)
    .transform((at) => at as NostrEvent['created_at']),
  kind: z.int().min(0).max(65_535),
  tags: z
    .array(z.array(z.string()).max(MAX_TAG_ITEMS))
    .max(MAX_TAGS)
    .refine((tags) => tagsLength(tags) <= MAX_TAGS_LENGTH, 'too long'),
  content: z.string().max(MAX_CONTENT_LENGTH),
});
const eventShape = rumorShape.extend({ sig: hex(64) });
const unsignedShape = rumorShape.partial({ id: true }).extend({ sig: z.undefined().optional() });

const tagsLength = (tags: readonly (readonly string[])[]): number =>
  tags.flat().reduce((sum, item) => sum + item.length, 0);

/** The shape of a signed event, within limits, unknown fields dropped. Id and signature are not judged. */
export function parseEvent(value: unknown): ParsedEvent<NostrEvent> {
  const result = eventShape.safeParse(value);
  return result.success
    ? { ok: true, event: result.data }
    : { ok: false, reason: firstProblem(result.error) };
}

/** The shape of a rumor; its id is computed, and must be the one it gives, if it gives one. */
export function parseRumor(value: unknown): ParsedEvent<Rumor> {
  const result = unsignedShape.safeParse(value);
  if (!result.success) return { ok: false, reason: firstProblem(result.error) };
  const { id: claimed, sig: _, ...unsigned } = result.data;
  const id = eventId(unsigned);
  if (claimed !== undefined && claimed !== id) return { ok: false, reason: 'id: not the hash of the event' };
  return { ok: true, event: { id, ...unsigned } };
}

function firstProblem({ issues }: z.core.$ZodError): string {
  const { path, message } = issues[0] as z.core.$ZodIssue;
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

/** SHA-256 of the serialised event. */
export function eventId({ pubkey, created_at, kind, tags, content }: UnsignedEvent): EventId {
  const serialised = JSON.stringify([0, pubkey, created_at, kind, tags, content]);
  return bytesToHex(sha256(utf8ToBytes(serialised))) as EventId;
}

/** True when a signer signed what it was asked to, field by field; id and signature are checked elsewhere. */
export function sameAsTemplate(template: EventTemplate, event: NostrEvent, account: PublicKey): boolean {
  return (
    event.pubkey === account &&
    event.created_at === template.created_at &&
    event.kind === template.kind &&
    event.content === template.content &&
    JSON.stringify(event.tags) === JSON.stringify(template.tags)
  );
}

/** Of two versions of a replaceable event: true when `event` replaces `other`. */
export function supersedes(event: NostrEvent, other: NostrEvent): boolean {
  return event.created_at === other.created_at ? event.id < other.id : event.created_at > other.created_at;
}

/** The values (without the name) of every tag of this name. */
export function tagsNamed(event: Pick<NostrEvent, 'tags'>, name: string): (readonly string[])[] {
  return event.tags.filter((tag) => tag[0] === name).map((tag) => tag.slice(1));
}
