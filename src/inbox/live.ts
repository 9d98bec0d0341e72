import type { RelayUrl } from '../ids.ts';
import type { Arrival, Keeper } from './keep.ts';

/** What was pushed and waits for its commit; beyond this the relay is asked again. */
const MAX_QUEUED_BYTES = 4 * 1024 * 1024;

/** Gift wraps as relays push them: whatever came during one commit goes into the next together. */
export interface Live {
  push(relay: RelayUrl, arrival: Arrival): void;
  /** Resolves when everything pushed so far is stored. */
  settled(): Promise<void>;
}

export interface LiveEvents {
  stored(relay: RelayUrl, count: number): void;
  /** Some found no room. */
  turnedAway(relay: RelayUrl, count: number): void;
  failed(error: unknown): void;
}

export function createLive(keeper: Keeper, events: LiveEvents): Live {
  let queued = new Map<RelayUrl, Arrival[]>();
  let queuedBytes = 0;
  let running: Promise<void> | undefined;

  async function drain(): Promise<void> {
    while (queued.size > 0) {
      const taken = queued;
      queued = new Map();
      queuedBytes = 0;
      for (const [relay, arrivals] of taken) {
        const { stored, left } = await keeper.keep(relay, arrivals);
        if (stored > 0) events.stored(relay, stored);
        if (left > 0) events.turnedAway(relay, left);
      }
    }
  }

  return {
    push(relay, arrival) {
      if (queuedBytes + arrival.bytes > MAX_QUEUED_BYTES) {
        events.turnedAway(relay, 1);
        return;
      }
      queuedBytes += arrival.bytes;
      const ofRelay = queued.get(relay);
      if (ofRelay === undefined) queued.set(relay, [arrival]);
      else ofRelay.push(arrival);
      running ??= drain()
        .catch(events.failed)
        .finally(() => {
          running = undefined;
        });
    },
    async settled() {
      while (running !== undefined) await running;
    },
  };
}
