import { type Event, EventRepository, type Filter } from '@nostr-relay/common';
import { matchFilter, type Filter as NostrFilter } from 'nostr-tools/filter';
import type { NostrEvent } from '../../src/records.ts';

const DELETION = 5;

/**
 * What a relay holds, in memory: replaceable and addressable events (NIP-01), deletion requests (NIP-09),
 * expiration (NIP-40). Outlives the relay, so that a restarted one serves what it stored before.
 */
export class MemoryRepository extends EventRepository {
  private readonly held = new Map<string, Event>();
  private readonly now: () => number;

  /** `now` in Unix seconds decides what has expired. */
  constructor(now: () => number = () => Math.floor(Date.now() / 1000)) {
    super();
    this.now = now;
  }

  /** Everything a stranger could fetch, newest first. */
  events(filter: Filter = {}): NostrEvent[] {
    return this.find(filter) as unknown as NostrEvent[];
  }

  /** Puts an event there as if it had been published to another connection, and tells no subscription. */
  store(event: NostrEvent): void {
    this.upsert(structuredClone(event) as unknown as Event);
  }

  /** Loses what matches, as relays do. */
  forget(matches: (event: NostrEvent) => boolean): void {
    for (const event of this.events()) if (matches(event)) this.held.delete(event.id);
  }

  /** Why this event would not be stored, in the words of common relays; undefined if it would. */
  refusal(event: Event): string | undefined {
    if (this.held.has(event.id)) return undefined;
    if (this.isDeleted(event)) return 'deleted: user requested deletion';
    const current = this.current(event);
    return current && precedes(current, event) ? 'replaced: have newer event' : undefined;
  }

  override isSearchSupported(): boolean {
    return false;
  }

  override upsert(event: Event): { isDuplicate: boolean } {
    if (this.held.has(event.id)) return { isDuplicate: true };
    const current = this.current(event);
    if (current) this.held.delete(current.id);
    this.held.set(event.id, event);
    return { isDuplicate: false };
  }

  override find(filter: Filter): Event[] {
    const now = this.now();
    return [...this.held.values()]
      .filter((event) => !isExpired(event, now) && matchFilter(filter as NostrFilter, event))
      .sort((a, b) => (precedes(a, b) ? -1 : 1))
      .slice(0, filter.limit);
  }

  override async deleteByDeletionRequest(request: Event): Promise<void> {
    this.held.set(request.id, request);
    for (const event of [...this.held.values()]) {
      if (covers(request, event)) this.held.delete(event.id);
    }
  }

  override async destroy(): Promise<void> {
    this.held.clear();
  }

  private current(event: Event): Event | undefined {
    const address = addressOf(event);
    if (address === undefined) return undefined;
    return [...this.held.values()].find((other) => addressOf(other) === address);
  }

  private isDeleted(event: Event): boolean {
    return [...this.held.values()].some((request) => request.kind === DELETION && covers(request, event));
  }
}

interface AddressParts {
  readonly kind: number;
  readonly pubkey: string;
  readonly tags: readonly (readonly string[])[];
}

/** What an event replaces others at (`kind:pubkey:d`), or undefined when it stands alone. */
export function addressOf(event: AddressParts): string | undefined {
  const { kind } = event;
  if (kind === 0 || kind === 3 || (kind >= 10_000 && kind < 20_000)) return `${kind}:${event.pubkey}:`;
  if (kind < 30_000 || kind >= 40_000) return undefined;
  const d = event.tags.find(([name]) => name === 'd')?.[1] ?? '';
  return `${kind}:${event.pubkey}:${d}`;
}

/** Newest `created_at` first, then the lower id (NIP-01). */
function precedes(a: Event, b: Event): boolean {
  return a.created_at === b.created_at ? a.id < b.id : a.created_at > b.created_at;
}

/** NIP-09: by the same author, named by id, or by address if not younger than the request. */
function covers(request: Event, event: Event): boolean {
  if (request.pubkey !== event.pubkey || event.kind === DELETION) return false;
  const address = addressOf(event);
  return request.tags.some(
    ([name, value]) =>
      (name === 'e' && value === event.id) ||
      (name === 'a' && value === address && event.created_at <= request.created_at),
  );
}

function isExpired(event: Event, now: number): boolean {
  const expiration = event.tags.find(([name]) => name === 'expiration')?.[1];
  return expiration !== undefined && Number(expiration) <= now;
}
