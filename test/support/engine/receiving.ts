import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventId, Milliseconds, PublicKey, RelayUrl, UnixSeconds } from '../../../src/ids.ts';
import type { Inbox, openInbox } from '../../../src/inbox/inbox.ts';
import type {
  Clock,
  Disk,
  Fetched,
  FetchOutcome,
  Filter,
  Log,
  Random,
  Relays,
  Signer,
  Store,
  Subscription,
} from '../../../src/ports.ts';
import { eventId } from '../../../src/protocol/nip01.ts';
import { buildWelcomeRumor } from '../../../src/protocol/welcome-rumor.ts';
import type { NostrEvent } from '../../../src/records.ts';
import { createManualClock } from '../clock.ts';
import { createAccount } from '../nostr.ts';
import { createSeededRandom, drawBelow } from '../random.ts';
import { openMemoryStore } from '../store.ts';
import { Violation } from './invariants.ts';
import { createLife, type Life, mortalStore } from './mortal.ts';

export interface ReceivingModules {
  readonly openInbox: typeof openInbox;
}

export interface ReceivingSchedule {
  readonly seed: number;
  readonly steps: number;
  dieAt(life: number): number | undefined;
  /** The clock is set back and forth: what counts then is where all of it ends. */
  readonly jumps?: boolean;
}

/** Every life but the last ends at a place drawn from the seed. */
export function randomReceivingDeaths(seed: number): ReceivingSchedule {
  const random = createSeededRandom(`receiving deaths ${seed}`);
  return { seed, steps: 14, dieAt: (life) => (life < 8 ? 1 + drawBelow(random, 40) : undefined) };
}

const HOUR = 3_600;
const LEAST_CAP = 20;
/** Of every wrap, as far as the inbox is told: a narrow disk has room for two dozen. */
const BYTES = 50_000;
const DAY = 24 * HOUR;
const HOPS = [1, 10, 70, 11 * 60, HOUR, 7 * HOUR, DAY, 8 * DAY, 8 * DAY];
const account = createAccount('receiving').publicKey;
const senders = ['friend', 'other', 'flooder'].map((name) => createAccount(name).publicKey);
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** What one relay holds, since when, and how it answers. */
interface RelayModel {
  readonly url: RelayUrl;
  readonly held: Map<EventId, { readonly event: NostrEvent; readonly since: UnixSeconds }>;
  cap: number;
  order: 'newest' | 'scattered';
  up: boolean;
  deaf: boolean;
  /** Breaks off answers after so many events. */
  breaksAfter: number | undefined;
  /** Tells the end of stored events before it has sent any. */
  lies: boolean;
  /** It once did: what its cursor says is not to be believed before the next readings of everything. */
  lied: boolean;
}

/**
 * Lives through a seeded course of events: wraps arrive, relays cap, scatter, go deaf, break off, lie and vanish, the disk
 * fills, weeks pass, and the process dies where the schedule says. Then all heals. What honest relays hold is in the end
 * known, every invitation was opened once, and no cursor passed anything. Throws Violation.
 */
export async function runReceiving(
  modules: ReceivingModules,
  schedule: ReceivingSchedule,
): Promise<number[]> {
  const random = createSeededRandom(`receiving ${schedule.seed}`);
  const clock = createManualClock();
  const store = await openMemoryStore();
  const relays = ['ws://a.example', 'ws://b.example'].map((url) => createModel(url as RelayUrl, random));
  const invitations = new Set<EventId>();
  const disk: Disk & { freeBytes: number } = {
    freeBytes: 1e12,
    look: async () => ({ freeBytes: disk.freeBytes, totalBytes: 1e13, trouble: undefined }),
  };
  const crossings: number[] = [];
  let lives = 0;
  let trouble: unknown;
  let current: { life: ReturnType<typeof createLife>; inbox: Inbox; port: ReturnType<typeof portFor> };

  async function beginLife(immortal = false): Promise<void> {
    const life = createLife(immortal ? undefined : schedule.dieAt(lives));
    lives += 1;
    const port = portFor(life, relays, clock);
    const fail = (error: unknown): void => {
      trouble ??= error;
      life.kill();
    };
    const opened = modules.openInbox(
      {
        account,
        clock: mortalClock(life, clock),
        random,
        store: mortalStore(life, store, () => (schedule.jumps ? Promise.resolve() : check(store, relays))),
        disk,
        relays: port,
        signer: fakeSigner(),
        crypto: { verifyEvent: () => true },
        log: silent,
        elapsedMs: () => 0,
        signing: () => false,
      },
      { changed() {}, ownList: async () => {}, failed: fail },
    );
    const inbox = await Promise.race([opened, life.killed.then(() => undefined)]);
    if (inbox === undefined) return beginLife(immortal);
    current = { life, inbox, port };
    inbox.listenOn(relays.map(({ url }) => url));
    port.tellStates();
  }

  async function untilRest(): Promise<void> {
    for (let starts = 0; starts < 50; starts++) {
      for (let before = -1; before !== current.life.crossings && current.life.alive; ) {
        before = current.life.crossings;
        for (let turn = 0; turn < 12; turn++) await nextTurn();
      }
      crossings[lives - 1] = current.life.crossings;
      if (trouble !== undefined) throw trouble;
      if (current.life.alive) return;
      await beginLife();
    }
  }

  function arrive(): void {
    const count = 1 + drawBelow(random, 40);
    const burst = clock.now() - drawBelow(random, DAY);
    for (let i = 0; i < count; i++) {
      const at = drawBelow(random, 3) === 0 ? burst : clock.now() - drawBelow(random, 2 * DAY);
      const event = makeWrap(random, at as UnixSeconds, drawBelow(random, 8) === 0 ? 444 : 14);
      if (event.kind444) invitations.add(event.wrap.id);
      const first = drawBelow(random, relays.length);
      for (const [index, relay] of relays.entries()) {
        if (index !== first && drawBelow(random, 2) === 0) continue;
        relay.held.set(event.wrap.id, { event: event.wrap, since: clock.now() });
        if (relay.up && !relay.deaf) current.port.push(relay, event.wrap);
      }
    }
  }

  await beginLife();
  try {
    for (let step = 0; step < schedule.steps; step++) {
      clock.advance(HOPS[drawBelow(random, HOPS.length)]!);
      for (const relay of relays) changeWeather(relay, random);
      if (schedule.jumps && drawBelow(random, 3) === 0) {
        clock.jump(
          (clock.now() + (drawBelow(random, 2) === 0 ? 1 : -1) * drawBelow(random, 3 * HOUR)) as UnixSeconds,
        );
        current!.inbox.restart();
        current!.port.reconnect();
      }
      disk.freeBytes = drawBelow(random, 4) === 0 ? 12_000_000 : 1e12;
      current!.port.tellStates();
      arrive();
      await untilRest();
    }
    await heal();
    return crossings;
  } finally {
    current!.life.kill();
    await store.close();
  }

  async function heal(): Promise<void> {
    for (const relay of relays) Object.assign(relay, { ...HONEST, up: true });
    disk.freeBytes = 1e12;
    current!.life.kill();
    await beginLife(true);
    // Quotas of an hour, readings of hours, and two of everything.
    for (let hop = 0; hop < 60; hop++) {
      clock.advance(hop < 40 ? HOUR : DAY);
      await untilRest();
    }
    await checkHealed(store, relays, invitations);
  }
}

const HONEST = { cap: 500, order: 'newest', deaf: false, breaksAfter: undefined, lies: false } as const;

function createModel(url: RelayUrl, random: Random): RelayModel {
  const caps = [LEAST_CAP, 25, 50, 500];
  return {
    url,
    held: new Map(),
    ...HONEST,
    lied: false,
    up: true,
    cap: caps[drawBelow(random, caps.length)]!,
  };
}

function changeWeather(relay: RelayModel, random: Random): void {
  relay.up = drawBelow(random, 4) > 0;
  relay.deaf = drawBelow(random, 4) === 0;
  relay.lies = drawBelow(random, 8) === 0;
  relay.lied ||= relay.lies;
  relay.order = drawBelow(random, 3) === 0 ? 'scattered' : 'newest';
  relay.breaksAfter = drawBelow(random, 4) === 0 ? 1 + drawBelow(random, 30) : undefined;
}

/** The Relays port of one process, as far as an inbox uses it. */
function portFor(life: Life, models: readonly RelayModel[], clock: Clock) {
  const subscriptions = new Map<string, Subscription>();
  const listeners = new Set<() => void>();
  const caughtUp = new Set<RelayUrl>();
  const modelOf = (url: RelayUrl): RelayModel => models.find((model) => model.url === url)!;
  const inbox = (): Subscription | undefined => subscriptions.get('inbox');

  const open = (model: RelayModel): void => {
    const subscription = inbox();
    const filter = subscription?.filter(model.url);
    if (subscription === undefined || filter === undefined || !life.alive || !model.up) return;
    for (const event of matching(model, filter).slice(0, 1)) subscription.onEvent(event, model.url, BYTES);
    caughtUp.add(model.url);
    subscription.onCaughtUp(model.url, clock.now());
  };
  const tellStates = (): void => {
    for (const model of models) {
      if (!model.up) caughtUp.delete(model.url);
      else if (!caughtUp.has(model.url)) open(model);
    }
    for (const listener of listeners) listener();
  };

  const port: Relays = {
    use() {},
    subscribe(subscription) {
      subscriptions.set(subscription.name, subscription);
      return () => subscriptions.delete(subscription.name);
    },
    reopen() {
      for (const model of models) open(model);
    },
    reconnect() {
      caughtUp.clear();
      tellStates();
    },
    publish: async () => ({ kind: 'not_sent', reason: 'nobody sends' }),
    async fetch(url, filter, bounds) {
      await life.crossing();
      const outcome = answer(modelOf(url), filter, bounds?.events ?? 1_000);
      await life.crossing();
      return outcome;
    },
    states: () =>
      models.map(({ url, up }) => ({
        ...{ url, phase: up ? 'connected' : 'backing_off', auth: 'not_asked', connectedAt: undefined },
        ...{ answering: up, retryAt: undefined, failures: 0, lastError: undefined },
        ...{ clockOffsetSec: undefined, invalidEvents: 0, caughtUp: up },
        subscriptions: new Map([['inbox', caughtUp.has(url) ? 'caught_up' : 'not_open']]),
      })) as ReturnType<Relays['states']>,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {},
  };
  const push = (model: RelayModel, event: NostrEvent): void => {
    if (life.alive && caughtUp.has(model.url)) inbox()?.onEvent(event, model.url, BYTES);
  };
  return { ...port, push, tellStates };
}

function answer(model: RelayModel, filter: Filter, most: number): FetchOutcome {
  if (!model.up) return { kind: 'failed', reason: 'not connected' };
  if (model.lies) return { kind: 'complete', ...fetched([]) };
  const found = matching(model, filter).slice(0, Math.min(model.cap, filter.limit ?? model.cap, most));
  if (model.order === 'scattered') found.sort((a, b) => (a.id.slice(9) < b.id.slice(9) ? -1 : 1));
  const { breaksAfter } = model;
  if (breaksAfter === undefined || found.length <= breaksAfter)
    return { kind: 'complete', ...fetched(found) };
  return { kind: 'failed', reason: 'connection lost', partial: fetched(found.slice(0, breaksAfter)) };
}

const fetched = (events: readonly NostrEvent[]): Fetched => ({
  events,
  sizes: new Map(events.map(({ id }) => [id, BYTES])),
  skipped: [],
});

function matching(
  { held }: RelayModel,
  { since = 0, until = Number.POSITIVE_INFINITY }: Filter,
): NostrEvent[] {
  return [...held.values()]
    .map(({ event }) => event)
    .filter(({ created_at }) => created_at >= since && created_at <= until)
    .sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? -1 : 1));
}

/** A wrap whose layers are plain JSON: the signer of this world decrypts by doing nothing. */
function makeWrap(random: Random, at: UnixSeconds, kind: number) {
  const hex = (bytes: number): string => Buffer.from(random.bytes(bytes)).toString('hex');
  const sender = senders[drawBelow(random, senders.length)]!;
  const parts = { author: sender, createdAt: at, keyPackageEvent: hex(32) as EventId };
  const chat = { pubkey: sender, created_at: at, kind, tags: [], content: hex(8) };
  const rumor =
    kind === 444
      ? buildWelcomeRumor({ ...parts, message: random.bytes(4), relays: ['ws://g.example/' as RelayUrl] })
      : { id: eventId(chat), ...chat };
  const layer = (pubkey: PublicKey, layerKind: number, content: string): NostrEvent => ({
    ...{ id: hex(32) as EventId, pubkey, created_at: at, kind: layerKind, content },
    ...{ tags: [['p', account]], sig: '0'.repeat(128) },
  });
  const seal = layer(sender, 13, JSON.stringify(rumor));
  return { wrap: layer(hex(32) as PublicKey, 1059, JSON.stringify(seal)), kind444: kind === 444 };
}

const fakeSigner = (): Signer => ({
  account,
  type: 'local',
  sign: async () => ({ kind: 'refused', reason: 'nobody asks' }),
  decrypt: async (_, payload) => ({ kind: 'ok', value: payload }),
  close: async () => {},
});

const mortalClock = (life: Life, clock: Clock): Clock => ({
  now: clock.now,
  after: (delay: Milliseconds, wake) => clock.after(delay, () => life.alive && wake()),
});

/** 10. A cursor never passes an event that is not stored or known; nothing is two things at once. */
async function check(store: Store, relays: readonly RelayModel[]): Promise<void> {
  const { cursors, wraps, seen } = await store.read(async (view) => ({
    cursors: await view.cursors.list(),
    wraps: new Set((await view.wraps.list()).map(({ id }) => id)),
    seen: new Set((await view.seen.list()).map(({ id }) => id)),
  }));
  for (const id of wraps) if (seen.has(id)) throw new Violation(`${id.slice(0, 8)} is pending and seen`);
  for (const { url, held, lied } of relays) {
    if (lied) continue;
    const cursor = cursors.find(({ relay }) => relay === url);
    if (cursor === undefined) continue;
    for (const { event, since } of held.values()) {
      if (since >= cursor.readAt || wraps.has(event.id) || seen.has(event.id)) continue;
      if (isCrowded(held, event.created_at)) continue;
      // The first look at a relay goes back a week; what is older waits for the first reading of everything.
      if (cursor.fullReadBeforeAt === undefined && event.created_at < cursor.fullReadAt - 7 * DAY) continue;
      throw new Violation(`10: the cursor of ${url} passed ${event.id.slice(0, 8)}`);
    }
  }
}

/** More of one second than a relay may hand out at once: NIP-01 offers no way to the rest, and the inbox names it. */
function isCrowded(held: RelayModel['held'], second: UnixSeconds): boolean {
  return [...held.values()].filter(({ event }) => event.created_at === second).length >= LEAST_CAP;
}

async function checkHealed(
  store: Store,
  relays: readonly RelayModel[],
  invitations: ReadonlySet<EventId>,
): Promise<void> {
  await check(store, relays);
  const found = await store.read(async (view) => ({
    known: new Set([...(await view.wraps.list()), ...(await view.seen.list())].map(({ id }) => id)),
    invitations: (await view.invitations.list()).map(({ id }) => id),
    notices: (await view.notices.list()).filter(({ code }) => code === 'invitation_received'),
  }));
  for (const { url, held } of relays) {
    for (const id of held.keys()) {
      if (!found.known.has(id)) throw new Violation(`4: ${id.slice(0, 8)} on ${url} was never taken`);
    }
  }
  for (const id of invitations) {
    if (!found.invitations.includes(id))
      throw new Violation(`4: the invitation ${id.slice(0, 8)} was not opened`);
  }
  const opened = found.notices.map(({ data }) => data?.id);
  if (new Set(opened).size !== opened.length) throw new Violation('4: an invitation was opened twice');
}
