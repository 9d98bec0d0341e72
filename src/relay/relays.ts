import type { RelayUrl } from '../ids.ts';
import type { Relays, Subscription } from '../ports.ts';
import type { RelayContext } from './context.ts';
import { defaultLimits, type RelayLimits } from './limits.ts';
import { createRelay, type Relay } from './relay.ts';
import { createTurns } from './turns.ts';

export interface RelaysOptions extends Omit<RelayContext, 'limits' | 'turns'> {
  /** Differences from `defaultLimits`. */
  readonly limits?: Partial<RelayLimits>;
}

const NOT_IN_USE = 'this relay is not in use';

/** The relays of this process; see the port for what each method promises. */
export function createRelays(options: RelaysOptions): Relays {
  const context: RelayContext = {
    ...options,
    limits: { ...defaultLimits, ...options.limits },
    turns: createTurns(),
  };
  const relays = new Map<RelayUrl, Relay>();
  const subscriptions = new Map<string, Subscription>();
  const listeners = new Set<() => void>();
  let closing: Promise<void> | undefined;

  const onChange = () => {
    for (const listener of listeners) listener();
  };
  const add = (url: RelayUrl) => {
    const relay = createRelay(context, url, onChange);
    relays.set(url, relay);
    for (const subscription of subscriptions.values()) relay.subscribe(subscription);
    relay.open();
  };
  const drop = (url: RelayUrl, relay: Relay) => {
    relays.delete(url);
    void relay.close();
  };
  /** The first so many of a list that is too long: a list from outside must not open connections without end. */
  const bounded = (urls: readonly RelayUrl[]): Set<RelayUrl> => {
    const wanted = [...new Set(urls)];
    const most = context.limits.relays;
    if (wanted.length > most) context.log.warn('relays_too_many', { wanted: wanted.length, used: most });
    return new Set(wanted.slice(0, most));
  };

  return {
    use(urls) {
      if (closing !== undefined) return;
      const wanted = bounded(urls);
      for (const [url, relay] of relays) if (!wanted.has(url)) drop(url, relay);
      for (const url of wanted) if (!relays.has(url)) add(url);
      onChange();
    },
    subscribe(subscription) {
      const { name } = subscription;
      subscriptions.set(name, subscription);
      for (const relay of relays.values()) relay.subscribe(subscription);
      return () => {
        if (subscriptions.get(name) !== subscription) return;
        subscriptions.delete(name);
        for (const relay of relays.values()) relay.unsubscribe(name);
      };
    },
    reopen(name) {
      for (const relay of relays.values()) relay.reopen(name);
    },
    async publish(url, event) {
      return relays.get(url)?.publish(event) ?? { kind: 'not_sent', reason: NOT_IN_USE };
    },
    async fetch(url, filter, bounds) {
      return relays.get(url)?.fetch(filter, bounds) ?? { kind: 'failed', reason: NOT_IN_USE };
    },
    reconnect() {
      for (const relay of relays.values()) relay.reconnect();
    },
    states: () => [...relays.values()].map((relay) => relay.state()),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      closing ??= Promise.all([...relays.values()].map((relay) => relay.close())).then(() => {});
      return closing;
    },
  };
}
