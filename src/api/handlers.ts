import * as nip19 from 'nostr-tools/nip19';
import { DaemonError } from '../errors.ts';
import type { RelayUrl } from '../ids.ts';
import type { Handlers, NoticeSource } from '../ipc/handlers.ts';
import type { Params, Result } from '../ipc/protocol/methods.ts';
import { entryOf, type World } from '../keypackages/world.ts';
import type { Delivery, KeyPackageRecord } from '../records.ts';
import type { EngineDeps } from '../scheduler/deps.ts';
import { readMeta } from '../scheduler/gather.ts';
import type { Reconciler } from '../scheduler/reconcile.ts';
import type { SessionState } from '../scheduler/session.ts';
import { createStranger } from '../stranger/look.ts';
import type { Examination, Examined } from './examined.ts';
import { explain } from './explain.ts';
import { inboxList } from './inbox.ts';
import { nextPass } from './liveness.ts';
import { renderMetrics } from './metrics.ts';
import type { Passes } from './passes.ts';
import { refresh } from './refresh.ts';
import { relayUrl } from './relay-url.ts';

/** What the socket's methods look at and set in motion. */
export interface HandlerParts {
  readonly deps: EngineDeps;
  readonly engine: Reconciler;
  readonly passes: Passes;
  readonly session: Pick<SessionState, 'lookAgain'>;
  readonly examination: Pick<Examination, 'view'>;
  readonly identity: Pick<Result<'identity.show'>, 'seal' | 'source' | 'createdAt'>;
  readonly backup: (order: Params<'daemon.backup'>, signal: AbortSignal) => Promise<Result<'daemon.backup'>>;
}

/** The longest that a client waits for relay lists to be signed. */
const LISTS_WITHIN_MS = 30_000;

export function createHandlers(parts: HandlerParts): Handlers {
  const { deps, engine, passes, session, identity } = parts;
  const { store, policy } = deps;
  const stranger = createStranger(deps);
  const look = async (): Promise<World> => (await engine.look()).world;
  /** What is wrong now, and whether anybody still sees to it. */
  const examine = async (): Promise<Examined> => {
    const pass = await nextPass(engine, passes);
    return parts.examination.view(pass ?? (await engine.look()), pass !== undefined);
  };

  return {
    'daemon.status': async () => (await examine()).status,
    'daemon.health': async () => (await examine()).report,
    'daemon.metrics': async () => ({ text: await renderMetrics(await examine()) }),
    'daemon.wake': async () => {
      session.lookAgain();
      engine.wake();
      return {};
    },
    'daemon.backup': (order, { signal }) => parts.backup(order, signal),
    'keyPackages.list': async ({ all, limit }) => {
      const world = await look();
      const erased = all ? await store.read((view) => view.tombstones.list()) : [];
      const newestFirst = [...world.packages, ...erased].sort((a, b) => b.createdAt - a.createdAt);
      return { packages: newestFirst.slice(0, limit).map((record) => packageView(world, record)) };
    },
    'keyPackages.refresh': ({ wait }, context) =>
      refresh({ store, policy, passes, look, wake: engine.wake }, wait, context),
    'keyPackages.explain': async () => {
      const { world, plan } = await engine.look();
      return explain(plan, world.now);
    },
    'relays.list': async () => relaysView(await look(), deps),
    'relays.publishLists': async ({ write, inbox }, context) => {
      const wish = { write: write.map(relayUrl), inbox: inbox.map(relayUrl), replace: true };
      await store.update('settings', async (tx) => {
        tx.meta.put('meta', { ...(await readMeta(tx)), relayListWish: wish });
      });
      const signal = AbortSignal.any([context.signal, AbortSignal.timeout(LISTS_WITHIN_MS)]);
      const signed = passes.until((world) => world.meta.relayListWish === undefined, signal);
      engine.wake();
      await signed.catch((error: unknown) => {
        // A client that left and a daemon that stops say nothing of the signer.
        if (context.signal.aborted) throw error;
        throw new DaemonError('signer_absent', 'the relay lists are not signed yet; they will be', {
          repair: 'make the signer reachable, and see dialogctl keys explain',
        });
      });
      return { eventIds: (await look()).relayLists.map(({ id }) => id) };
    },
    'inbox.list': () => store.read((view) => inboxList(view, deps.inbox(), deps.clock.now())),
    'identity.show': async () => ({
      account: deps.account,
      npub: nip19.npubEncode(deps.account),
      ...identity,
    }),
    'identity.lookUp': (_, { signal }) => stranger.look(signal),
  };
}

function packageView(
  world: World,
  { notBefore: _, stagedAt: __, retiredAt: ___, usedAt: ____, ...record }: KeyPackageRecord,
): Result<'keyPackages.list'>['packages'][number] {
  const deliveries = entryOf(world, record.ref)?.deliveries ?? {};
  return {
    ...record,
    relays: (Object.entries(deliveries) as [RelayUrl, Delivery][]).map(
      ([url, { mayHold: _, ...delivery }]) => ({
        url,
        ...delivery,
      }),
    ),
  };
}

function relaysView(world: World, { relays, bootstrap }: EngineDeps): Result<'relays.list'> {
  const { write, inbox } = world.roles;
  const roleLists = { write: write ?? [], inbox: inbox ?? [], bootstrap };
  const names = ['write', 'inbox', 'bootstrap'] as const;
  return {
    lists: {
      write: [...roleLists.write],
      inbox: [...roleLists.inbox],
      bootstrap: [...bootstrap],
      listsKnown: { 10002: write !== undefined, 10050: inbox !== undefined },
    },
    relays: relays.states().map((state) => ({
      ...state,
      roles: names.filter((name) => roleLists[name].includes(state.url)),
    })),
  };
}

/** The notice log as subscriptions pull it; `committed` calls back after every durable step. */
export function createNoticeSource(
  { store }: Pick<EngineDeps, 'store'>,
  committed: (listener: () => void) => () => void,
): NoticeSource {
  return {
    range: () =>
      store.read(async (view) => {
        const [oldest] = await view.notices.list({ limit: 1 });
        const [newest] = await view.notices.list({ limit: 1, reverse: true });
        return { oldest: oldest?.seq ?? 0, newest: newest?.seq ?? 0 };
      }),
    read: (since, limit) => store.read((view) => view.notices.list({ from: since + 1, limit })),
    onNotice: committed,
  };
}
