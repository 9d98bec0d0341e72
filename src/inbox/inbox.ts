import type { RelayUrl, UnixSeconds } from '../ids.ts';
import { plus } from '../ids.ts';
import type { InboxFacts, SkippedCounts } from '../invitations/inbox-facts.ts';
import { MAX_SEEN, MAX_WRAP_BYTES } from '../invitations/room.ts';
import { KIND } from '../protocol/kinds.ts';
import type { InboxCursor, NostrEvent, SenderRecord } from '../records.ts';
import { type Channel, createChannel } from './channel.ts';
import { BACKDATED_SEC, forgetBefore } from './cursors.ts';
import type { InboxDeps } from './deps.ts';
import { createKeeper } from './keep.ts';
import { createLive } from './live.ts';
import { createOpening } from './opening.ts';
import { pagesOf } from './pages.ts';
import { createPending, factsOf, type PendingFacts } from './pending.ts';
import { forgetSeen } from './seen.ts';

const INBOX = 'inbox';
const LISTS = 'lists';
/** How long a flood is spoken of after it found no room for the last time. */
const FLOOD_SEC = 3_600;
/** Records read at a time at the start: so many of the largest are in memory. */
const LOADED = 8;

export interface InboxEvents {
  /** A fact of the inbox changed. */
  changed(): void;
  /** A relay list of the account arrived. */
  ownList(event: NostrEvent, at: UnixSeconds): Promise<void>;
  failed(error: unknown): void;
}

export interface Inbox {
  /** The account's inbox relays from now on. */
  listenOn(relays: readonly RelayUrl[]): void;
  /** The clock jumped: nothing counts as read any more. */
  restart(): void;
  facts(): InboxFacts;
  /** Resolves when everything received so far is stored and nothing is opened any more. */
  close(): Promise<void>;
}

/**
 * The receiving half. Every gift wrap for the account is stored as it came before anything is done with it (C6); what
 * is stored is opened and named (C6b). Live subscriptions go first; what the relays hold is read beside them.
 */
export async function openInbox(deps: InboxDeps, events: InboxEvents): Promise<Inbox> {
  const { account, clock, store, relays, log } = deps;
  const cursors = new Map<RelayUrl, InboxCursor>();
  const pending = createPending();
  let counts: SenderRecord['counts'] = {};
  let seen = 0;
  await load();
  const keeper = createKeeper(deps, pending);
  await keeper.measure();
  const channels = new Map<RelayUrl, Channel>();
  let turnedAway = 0;
  let turnedAwayAt: UnixSeconds | undefined;
  let forgottenBefore: UnixSeconds | undefined;
  let closed = false;

  async function load(): Promise<void> {
    for (const cursor of await store.read((view) => view.cursors.list())) cursors.set(cursor.relay, cursor);
    const wraps: PendingFacts[] = [];
    for await (const page of pagesOf(store, 'wraps', LOADED)) wraps.push(...page.map(factsOf));
    for (const wrap of wraps.sort((a, b) => a.receivedAt - b.receivedAt)) pending.put(wrap);
    for await (const page of pagesOf(store, 'invitations', LOADED)) {
      for (const { rumor } of page) pending.invited(rumor.length);
    }
    await recount();
  }
  async function recount(): Promise<void> {
    await store.read(async (view) => {
      counts = (await view.senders.get('all'))?.counts ?? {};
      seen = await view.seen.count();
    });
  }

  const opening = createOpening(deps, pending, {
    opened() {
      for (const channel of channels.values()) channel.roomy();
      recount().catch(events.failed);
    },
    failed: events.failed,
  });
  const live = createLive(keeper, {
    stored(relay, count) {
      log.info('gift_wraps_received', { relay, count });
      opening.wake();
    },
    turnedAway(relay, count) {
      turnedAway += count;
      turnedAwayAt = clock.now();
      log.warn('invite_flood', { relay, pending: pending.kept().count });
      channels.get(relay)?.turnedAway();
      events.changed();
    },
    failed: events.failed,
  });

  const unsubscribe = [
    relays.subscribe({
      name: INBOX,
      eventBytes: MAX_WRAP_BYTES,
      filter: (relay) =>
        channels.has(relay)
          ? {
              kinds: [KIND.giftWrap],
              '#p': [account],
              // New ones are back-dated; of the stored ones, which are read in pages, one is enough.
              since: plus(clock.now(), -BACKDATED_SEC),
              limit: 1,
            }
          : undefined,
      onEvent(event, relay, bytes) {
        channels.get(relay)?.pushed();
        live.push(relay, { event, bytes });
      },
      onCaughtUp: (relay) => channels.get(relay)?.listens(),
    }),
    relays.subscribe({
      name: LISTS,
      filter: () => ({ kinds: [KIND.relayList, KIND.inboxRelays], authors: [account] }),
      onEvent: (event) => void events.ownList(event, clock.now()).catch(events.failed),
      onCaughtUp() {},
    }),
    // What a subscription has lost by a connection that ended, the state of the relays tells.
    relays.onChange(() => {
      for (const { url, subscriptions } of relays.states()) {
        if (subscriptions.get(INBOX) !== 'caught_up') channels.get(url)?.lost();
      }
    }),
  ];

  const add = (relay: RelayUrl): void => {
    channels.set(
      relay,
      createChannel(deps, keeper, relay, cursors, {
        changed() {
          opening.wake();
          events.changed();
        },
        read: forget,
        failed: events.failed,
      }),
    );
  };
  async function forget(): Promise<void> {
    const before = forgetBefore([...channels.keys()].map((relay) => cursors.get(relay)));
    // Only a reading of everything moves it, and looking through a million ids has its price.
    if (before === forgottenBefore && seen <= MAX_SEEN) return;
    forgottenBefore = before;
    const { forgotten, tooMany } = await forgetSeen(store, before);
    if (tooMany) log.warn('seen_forgotten', { count: forgotten });
    if (forgotten > 0) await recount();
  }

  opening.wake();
  return {
    listenOn(urls) {
      const wanted = new Set(urls);
      if (closed || (wanted.size === channels.size && [...wanted].every((url) => channels.has(url)))) return;
      for (const [relay, channel] of channels) {
        if (wanted.has(relay)) continue;
        channels.delete(relay);
        channel.close().catch(events.failed);
      }
      for (const relay of wanted) if (!channels.has(relay)) add(relay);
      relays.reopen(INBOX);
    },
    restart() {
      for (const channel of channels.values()) channel.lost();
    },
    facts() {
      const of = (holds: (channel: Channel) => boolean): ReadonlySet<RelayUrl> =>
        new Set([...channels].filter(([, channel]) => holds(channel)).map(([relay]) => relay));
      return {
        listening: of((channel) => channel.isListening()),
        read: of((channel) => channel.isRead()),
        kept: pending.kept(),
        limit: keeper.limit(),
        unopened: pending.unopened(),
        invitations: pending.invitations().count,
        turnedAway,
        flooded:
          of((channel) => channel.isWaitingForRoom()).size > 0 ||
          (turnedAwayAt !== undefined && Math.abs(clock.now() - turnedAwayAt) < FLOOD_SEC),
        seen,
        skipped: sumOf([...channels.values()].map((channel) => channel.skipped())),
        troubles: new Map([...channels].map(([relay, channel]) => [relay, channel.trouble()])),
        counts,
      };
    },
    async close() {
      closed = true;
      for (const end of unsubscribe) end();
      await Promise.all([...channels.values()].map((channel) => channel.close()));
      await live.settled();
      await opening.close();
    },
  };
}

function sumOf(all: readonly SkippedCounts[]): SkippedCounts {
  const sum: Record<string, number> = {};
  for (const each of all) {
    for (const [reason, count] of Object.entries(each)) sum[reason] = (sum[reason] ?? 0) + count;
  }
  return sum;
}
