/**
 * NIP-01 and NIP-42 messages at the border: what a relay says is parsed once, here, and everything that is
 * not exactly a message is nothing. Events are shaped but not yet verified.
 */
import type { Filter } from '../ports.ts';
import { nestsDeeperThan } from '../protocol/json-depth.ts';
import type { NostrEvent } from '../records.ts';

export type RelayMessage =
  | { readonly type: 'EVENT'; readonly subscription: string; readonly event: NostrEvent }
  | { readonly type: 'EOSE'; readonly subscription: string }
  | { readonly type: 'CLOSED'; readonly subscription: string; readonly words: string }
  | { readonly type: 'OK'; readonly eventId: string; readonly accepted: boolean; readonly words: string }
  | { readonly type: 'AUTH'; readonly challenge: string }
  | { readonly type: 'NOTICE'; readonly words: string };

const MAX_WORDS = 200;
const MAX_CHALLENGE = 1_024;
/** A list of ten thousand relays is a list; how much an event may hold is bounded in bytes. */
const MAX_TAGS = 20_000;
const MAX_KIND = 65_535;
const HEX_64 = /^[0-9a-f]{64}$/;
const HEX_128 = /^[0-9a-f]{128}$/;

/** No message of NIP-01 nests deeper: message, event, tags, tag; some relays add a field. */
const MAX_DEPTH = 8;
const START = /^\s*\[\s*"([A-Z]{2,16})"\s*,\s*"([^"\\]{1,64})"/;

/** What a frame is, as its first bytes have it, before anything else of it is looked at. */
export function glance(frame: Buffer): { readonly type: string; readonly subject: string } | undefined {
  const start = START.exec(frame.toString('latin1', 0, 200));
  return start === null ? undefined : { type: start[1]!, subject: start[2]! };
}

/** One frame from a relay, or undefined when it is no message we know. Never throws. */
export function parseRelayMessage(frame: string): RelayMessage | undefined {
  const message = parseArray(frame);
  if (message === undefined) return undefined;
  const [type, first, second, third] = message;
  if (typeof first !== 'string') return undefined;
  switch (type) {
    case 'EVENT': {
      const event = parseEvent(second);
      return event && { type, subscription: first, event };
    }
    case 'EOSE':
      return { type, subscription: first };
    case 'CLOSED':
      return { type, subscription: first, words: readable(second) };
    case 'OK':
      return typeof second === 'boolean'
        ? { type, eventId: first, accepted: second, words: readable(third) }
        : undefined;
    case 'AUTH':
      return first !== '' && first.length <= MAX_CHALLENGE ? { type, challenge: first } : undefined;
    case 'NOTICE':
      return { type, words: readable(first) };
    default:
      return undefined;
  }
}

export const eventFrame = (event: NostrEvent): string => JSON.stringify(['EVENT', event]);
export const authFrame = (event: NostrEvent): string => JSON.stringify(['AUTH', event]);
export const closeFrame = (subscription: string): string => JSON.stringify(['CLOSE', subscription]);
export const reqFrame = (subscription: string, filter: Filter): string =>
  JSON.stringify(['REQ', subscription, filter]);

/** The machine-readable prefix of an OK or CLOSED (NIP-01); `error` when the relay gave none. */
export function prefixOf(words: string): string {
  return /^([a-z][a-z-]{0,31}):/.exec(words)?.[1] ?? 'error';
}

/** A relay's words, fit for a log line or a terminal: one line, no control characters, bounded. */
export function readable(words: unknown): string {
  if (typeof words !== 'string') return '';
  return words
    .slice(0, MAX_WORDS)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}

function parseArray(frame: string): readonly unknown[] | undefined {
  if (nestsDeeperThan(MAX_DEPTH, frame)) return undefined;
  try {
    const value: unknown = JSON.parse(frame);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Exactly the seven fields of NIP-01; whatever else a relay adds is left behind. */
function parseEvent(value: unknown): NostrEvent | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, pubkey, created_at, kind, tags, content, sig } = value as Record<string, unknown>;
  const wellFormed =
    matches(id, HEX_64) &&
    matches(pubkey, HEX_64) &&
    matches(sig, HEX_128) &&
    isNatural(created_at, Number.MAX_SAFE_INTEGER) &&
    isNatural(kind, MAX_KIND) &&
    typeof content === 'string' &&
    areTags(tags);
  return wellFormed ? ({ id, pubkey, created_at, kind, tags, content, sig } as NostrEvent) : undefined;
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function isNatural(value: unknown, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

function areTags(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > MAX_TAGS) return false;
  return value.every((tag) => Array.isArray(tag) && tag.every((part) => typeof part === 'string'));
}
