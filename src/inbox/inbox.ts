import type { PublicKey, RelayUrl, UnixSeconds } from '../ids.ts';
import { short } from '../ids.ts';
import type { Clock, Filter, Log, Relays, Store } from '../ports.ts';
import { KIND } from '../protocol/kinds.ts';
import { type InboxCursor, MAX_STORED_WRAPS, type NostrEvent } from '../records.ts';
import { cursorAfter, type InboxWindow, windowFor } from './cursors.ts';

const INBOX_SUBSCRIPTION = 'inbox';

/** Events waiting for their commit; beyond this the relay is asked again later. */
const MAX_QUEUED = 2_000;

export interface InboxDeps {
  readonly account: PublicKey;
  readonly clock: Clock;
  readonly store: Store;
  readonly relays: Relays;
  readonly log: Log;
}

export interface InboxEvents {
  /** An inbox relay's stored events are all in the store. */
  caughtUp(): void;
  /** A relay list of the account arrived. */
  ownList(event: NostrEvent, at: UnixSeconds): Promise<void>;
  failed(error: unknown): void;
}

export interface Inbox {
  /** The account's inbox relays from now on. */
  listenOn(relays: readonly RelayUrl[]): void;
  /** Resolves when everything received so far is stored. */
  close(): Promise<void>;
}

/** C6: every gift wrap for the account is stored as it came, before anything is done with it. */
export async function openInbox(deps: InboxDeps, events: InboxEvents): Promise<Inbox> {
  const { account, clock, store, relays, log } = deps;
  const cursors = new Map<RelayUrl, InboxCursor>();
  for (const cursor of await store.read((view) => view.cursors.list())) cursors.set(cursor.relay, cursor);
  const windows = new Map<RelayUrl, InboxWindow>();
  /** Relays of which something was left lying: their cursor stays where it is. */
  const skipped = new Set<RelayUrl>();
  let inboxRelays: readonly RelayUrl[] = [];
  let queued = 0;
  let last: Promise<void> = Promise.resolve();

  /** One after another, in the order of arrival. */
  function enqueue(work: () => Promise<void>): void {
    queued += 1;
    last = last
      .then(work)
      .catch((error: unknown) => events.failed(error))
      .finally(() => {
        queued -= 1;
      });
  }

  async function keep(event: NostrEvent, relay: RelayUrl): Promise<void> {
    const kept = await store.update('receive', async (tx) => {
      if ((await tx.wraps.get(event.id)) !== undefined) return 'known';
      if ((await tx.wraps.count()) >= MAX_STORED_WRAPS) return 'full';
      tx.wraps.put(event.id, { id: event.id, state: 'received', receivedAt: clock.now(), relay, event });
      return 'new';
    });
    if (kept === 'full') {
      skipped.add(relay);
      log.warn('invite_flood', { relay, stored: MAX_STORED_WRAPS });
    } else if (kept === 'new') {
      log.info('gift_wrap_received', { eventId: short(event.id), relay });
    }
  }

  async function moveCursor(relay: RelayUrl, openedAt: UnixSeconds): Promise<void> {
    if (skipped.delete(relay)) return;
    const before = cursors.get(relay);
    const cursor = cursorAfter(relay, before, openedAt, windows.get(relay) ?? windowFor(before, openedAt));
    await store.update('receive', async (tx) => tx.cursors.put(relay, cursor));
    cursors.set(relay, cursor);
    events.caughtUp();
  }

  function filters(relay: RelayUrl): Filter[] {
    const lists: Filter = { kinds: [KIND.relayList, KIND.inboxRelays], authors: [account] };
    if (!inboxRelays.includes(relay)) return [lists];
    const window = windowFor(cursors.get(relay), clock.now());
    windows.set(relay, window);
    const since = window.since === undefined ? {} : { since: window.since };
    return [{ kinds: [KIND.giftWrap], '#p': [account], ...since }, lists];
  }

  const unsubscribe = relays.subscribe({
    name: INBOX_SUBSCRIPTION,
    filters,
    onEvent(event, relay) {
      if (queued >= MAX_QUEUED) skipped.add(relay);
      else if (event.kind === KIND.giftWrap) enqueue(() => keep(event, relay));
      else enqueue(() => events.ownList(event, clock.now()));
    },
    onCaughtUp(relay, openedAt) {
      if (inboxRelays.includes(relay)) enqueue(() => moveCursor(relay, openedAt));
    },
  });

  return {
    listenOn(urls) {
      if (urls.join(' ') === inboxRelays.join(' ')) return;
      inboxRelays = [...urls];
      relays.reopen(INBOX_SUBSCRIPTION);
    },
    async close() {
      unsubscribe();
      await last;
    },
  };
}
