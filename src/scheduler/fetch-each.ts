import type { RelayUrl } from '../ids.ts';
import type { Filter, Relays } from '../ports.ts';
import type { NostrEvent } from '../records.ts';

/** What several questions to one relay brought, each a REQ of its own; nothing where one of them failed. */
export async function fetchEach(
  relays: Pick<Relays, 'fetch'>,
  relay: RelayUrl,
  filters: readonly Filter[],
): Promise<
  | { readonly kind: 'complete'; readonly events: readonly NostrEvent[] }
  | { readonly kind: 'failed'; readonly reason: string }
> {
  const outcomes = await Promise.all(filters.map((filter) => relays.fetch(relay, filter)));
  const events: NostrEvent[] = [];
  for (const outcome of outcomes) {
    if (outcome.kind === 'failed') return outcome;
    if (outcome.kind === 'overflow') {
      return { kind: 'failed', reason: 'the relay sent more than fits one query' };
    }
    events.push(...outcome.events);
  }
  return { kind: 'complete', events };
}
