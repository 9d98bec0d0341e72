import { matchFilter, type Filter as NostrFilter } from 'nostr-tools/filter';
import type { EventId, UnixSeconds } from '../ids.ts';
import type { Filter, SkippedEvent } from '../ports.ts';
import type { NostrEvent } from '../records.ts';

/** One REQ that is open on a relay, and who wants what it brings. */
export interface Reader {
  readonly filter: Filter;
  /** Of one frame. */
  readonly eventBytes: number;
  /** A verified event that matches; `bytes` is the length of its frame. */
  onEvent(event: NostrEvent, bytes: number): void;
  /** One that was not taken; `bytes` likewise. */
  onSkipped(skipped: SkippedEvent, bytes: number): void;
}

/** A relay may send anything under a subscription's id: only what was asked for goes further. */
export function wasAskedFor(event: NostrEvent, filter: Filter): boolean {
  return matchFilter(filter as NostrFilter, event as NostrEvent & { tags: string[][] });
}

/** Tag values may look like a field; a stranger who writes many such is not followed far. */
const MAX_TRIES = 100;

/**
 * What can be told of an event in a frame that is not parsed. No quote inside of a JSON string stands unescaped, so that
 * content cannot pass for a field.
 */
export function skippedUnread(frame: Buffer, reason: SkippedEvent['reason']): SkippedEvent {
  const createdAt = field(frame, '"created_at"', /^\s*:\s*(\d{1,15})[\s,}]/);
  return {
    reason,
    id: field(frame, '"id"', /^\s*:\s*"([0-9a-f]{64})"/) as EventId | undefined,
    createdAt: createdAt === undefined ? undefined : (Number(createdAt) as UnixSeconds),
  };
}

function field(frame: Buffer, name: string, value: RegExp): string | undefined {
  let at = frame.indexOf(name);
  for (let tries = 0; at >= 0 && tries < MAX_TRIES; tries++) {
    const after = at + name.length;
    const found = value.exec(frame.toString('latin1', after, after + 100))?.[1];
    if (found !== undefined) return found;
    at = frame.indexOf(name, after);
  }
  return undefined;
}
