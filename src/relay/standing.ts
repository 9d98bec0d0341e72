import type { Subscription } from '../ports.ts';
import type { RelayContext } from './context.ts';
import type { Reader } from './intake.ts';
import {
  createRelaySubscription,
  type RelaySubscription,
  type RelaySubscriptionOptions,
} from './subscription.ts';

/** All standing subscriptions on one relay: open whenever it can be written to. */
export interface Standing extends Pick<RelaySubscription, 'reader' | 'onEndOfStored' | 'onClosed' | 'lost'> {
  /** Takes the place of one with the same name. */
  add(subscription: Subscription): void;
  remove(name: string): void;
  reopen(name: string): void;
  /** The relay may be written to: opens what is not open. */
  openAll(): void;
  /** Closes all and opens none until `openAll`. */
  closeAll(): void;
  /** How far each is, by name. */
  progress(): ReadonlyMap<string, ReturnType<RelaySubscription['progress']>>;
}

export function createStanding(context: RelayContext, options: RelaySubscriptionOptions): Standing {
  const byName = new Map<string, RelaySubscription>();
  let writable = false;
  const each = (act: (subscription: RelaySubscription) => void) => {
    for (const subscription of byName.values()) act(subscription);
  };
  const remove = (name: string) => {
    byName.get(name)?.close();
    byName.delete(name);
    options.onChange();
  };

  return {
    add(subscription) {
      remove(subscription.name);
      const added = createRelaySubscription(context, subscription, options);
      byName.set(subscription.name, added);
      if (writable) added.open();
    },
    remove,
    reopen(name) {
      const subscription = byName.get(name);
      if (subscription === undefined || !writable) return;
      subscription.close();
      subscription.open();
      options.onChange();
    },
    openAll() {
      writable = true;
      each((subscription) => subscription.open());
    },
    closeAll() {
      writable = false;
      each((subscription) => subscription.close());
    },
    lost() {
      writable = false;
      each((subscription) => subscription.lost());
    },
    reader(id): Reader | undefined {
      for (const subscription of byName.values()) {
        const reader = subscription.reader(id);
        if (reader !== undefined) return reader;
      }
      return undefined;
    },
    onEndOfStored: (id) => each((subscription) => subscription.onEndOfStored(id)),
    onClosed: (id, words) => each((subscription) => subscription.onClosed(id, words)),
    progress: () => new Map([...byName].map(([name, subscription]) => [name, subscription.progress()])),
  };
}
