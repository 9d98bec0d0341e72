import type { NostrEvent } from '../../src/records.ts';
import { addressOf } from './relay-repository.ts';

/** Every version of the replaceable events that passed the proxy, for serving an older one than the relay has. */
export interface EventHistory {
  remember(event: NostrEvent): void;
  /** The version this one replaced, if it was seen. */
  before(event: NostrEvent): NostrEvent | undefined;
}

export function createEventHistory(): EventHistory {
  const versions = new Map<string, NostrEvent[]>();
  return {
    remember(event) {
      const address = addressOf(event);
      if (address === undefined) return;
      const others = versions.get(address)?.filter((other) => other.id !== event.id) ?? [];
      versions.set(
        address,
        [...others, event].sort((a, b) => a.created_at - b.created_at),
      );
    },
    before(event) {
      const known = versions.get(addressOf(event) ?? '') ?? [];
      return known.findLast((other) => other.created_at < event.created_at);
    },
  };
}
