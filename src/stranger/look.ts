import { setImmediate as breathe } from 'node:timers/promises';
import { DaemonError } from '../errors.ts';
import type { EventId, KeyPackageRef, RelayUrl, UnixSeconds } from '../ids.ts';
import type { Result } from '../ipc/protocol/methods.ts';
import type { Filter, Log, RelayState, Relays, View } from '../ports.ts';
import {
  checkKeyPackageEvent,
  type KeyPackageCheck,
  type ValidKeyPackage,
} from '../protocol/key-package-event.ts';
import { KIND } from '../protocol/kinds.ts';
import type { NostrEvent } from '../records.ts';
import { createRelays } from '../relay/relays.ts';
import type { EngineDeps } from '../scheduler/deps.ts';
import { fetchEach } from '../scheduler/fetch-each.ts';
import {
  judgeView,
  listAt,
  type Sighting,
  type Standing,
  type StrangersView,
  strangersInboxRelays,
  strangersWriteRelays,
  unseenRelays,
  validPackages,
} from './judge.ts';

type LookUp = Result<'identity.lookUp'>;

/** An answer is given again for so long, and a second look is not begun beside one. */
const KEPT_SEC = 30;
const RETRY_AFTER_SEC = 10;
/** From the start relays to those in their lists, and once more where a newer list turned up there. */
const ROUNDS = 3;
const MAX_RELAYS = 16;
const MAX_PACKAGES = 200;
const MAX_INVALID_SHOWN = 20;
/** Nobody who wants to invite somebody waits longer. */
const PATIENCE = { relays: MAX_RELAYS, connectMs: 8_000, fetchMs: 8_000 };

export interface Stranger {
  /** Errors: `busy` while another look is taken, `shutting_down` when `signal` is aborted. */
  look(signal: AbortSignal): Promise<LookUp>;
}

/** Looks at the account from outside: connections of its own, no key, and no faith in the store. */
export function createStranger(deps: EngineDeps): Stranger {
  let looking = false;
  let latest: LookUp | undefined;
  return {
    async look(signal) {
      const { clock } = deps;
      const age = clock.now() - (latest?.at ?? 0);
      if (latest !== undefined && age >= 0 && age < KEPT_SEC) return latest;
      if (looking) {
        throw new DaemonError('busy', 'somebody looks already', { retryAfterSec: RETRY_AFTER_SEC });
      }
      looking = true;
      try {
        latest = await lookOnce(deps, signal);
        return latest;
      } finally {
        looking = false;
      }
    },
  };
}

async function lookOnce(deps: EngineDeps, signal: AbortSignal): Promise<LookUp> {
  const { clock, random, crypto, bootstrap, store } = deps;
  const at = clock.now();
  const relays = createRelays({
    clock,
    random,
    crypto,
    log: quiet(deps.log),
    limits: PATIENCE,
    sign: async () => ({ kind: 'refused', reason: 'a stranger has no key of the account' }),
  });
  const leave = (): void => void relays.close();
  signal.addEventListener('abort', leave);
  if (signal.aborted) leave();
  try {
    const start = bootstrap.length > 0 ? bootstrap : deps.relays.states().map(({ url }) => url);
    const sightings = await roam(deps, relays, start, at);
    signal.throwIfAborted();
    const valid = sightings.flatMap(validPackages);
    const standings = await store.read((view) => standingsOf(view, valid));
    return report({ start, sightings, standings }, at);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new DaemonError('shutting_down', 'the look was given up');
  } finally {
    signal.removeEventListener('abort', leave);
    await relays.close();
  }
}

/** The comings and goings of a stranger are not those of the daemon. */
const quiet = (log: Log): Log => ({ ...log, info: () => {}, warn: () => {} });

async function roam(
  deps: EngineDeps,
  relays: Relays,
  start: readonly RelayUrl[],
  now: UnixSeconds,
): Promise<Sighting[]> {
  const sightings: Sighting[] = [];
  const checks = new Map<EventId, KeyPackageCheck>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = unseenRelays(start, sightings).slice(0, MAX_RELAYS - sightings.length);
    relays.use(next);
    sightings.push(...(await Promise.all(next.map((relay) => visit(deps, relays, relay, checks, now)))));
  }
  return sightings;
}

async function visit(
  deps: EngineDeps,
  relays: Relays,
  relay: RelayUrl,
  checks: Map<EventId, KeyPackageCheck>,
  now: UnixSeconds,
): Promise<Sighting> {
  const nothing = { relay, read: false, lists: [], packages: [] };
  const { phase, lastError } = await attempted(relays, relay);
  if (phase !== 'connected') return { ...nothing, connected: false, reason: lastError };
  const outcome = await fetchEach(relays, relay, questions(deps.account));
  if (outcome.kind === 'failed') return { ...nothing, connected: true, reason: outcome.reason };
  const isPackage = ({ kind }: NostrEvent): boolean => kind === KIND.keyPackage;
  const found = outcome.events.filter(isPackage).slice(0, MAX_PACKAGES);
  const packages: Sighting['packages'][number][] = [];
  for (const event of found) packages.push({ id: event.id, check: await judge(deps, event, checks, now) });
  const lists = outcome.events.filter((event) => !isPackage(event));
  return { relay, connected: true, read: true, reason: undefined, lists, packages };
}

const questions = (account: string): Filter[] => [
  { authors: [account], kinds: [KIND.relayList, KIND.inboxRelays] },
  { authors: [account], kinds: [KIND.keyPackage], limit: MAX_PACKAGES },
];

/** The state of a relay once its first connection attempt has ended. */
const attempted = (relays: Relays, relay: RelayUrl): Promise<Pick<RelayState, 'phase' | 'lastError'>> =>
  new Promise((resolve) => {
    const look = (): void => {
      const state = relays.states().find(({ url }) => url === relay);
      if (state?.phase === 'connecting') return;
      stop();
      resolve(state ?? { phase: 'closed', lastError: undefined });
    };
    const stop = relays.onChange(look);
    look();
  });

/** The same event is on many relays, and each check takes milliseconds in which nothing else happens. */
async function judge(
  { mls, crypto }: EngineDeps,
  event: NostrEvent,
  checks: Map<EventId, KeyPackageCheck>,
  now: UnixSeconds,
): Promise<KeyPackageCheck> {
  const before = checks.get(event.id);
  if (before !== undefined) return before;
  await breathe();
  const check = await checkKeyPackageEvent(event, { readKeyPackage: mls.readKeyPackage, crypto }, now);
  checks.set(event.id, check);
  return check;
}

async function standingsOf(
  view: View,
  packages: readonly ValidKeyPackage[],
): Promise<Map<KeyPackageRef, Standing>> {
  const standings = new Map<KeyPackageRef, Standing>();
  for (const { facts, slot } of packages) standings.set(facts.ref, await standingOf(view, facts.ref, slot));
  return standings;
}

async function standingOf(view: View, ref: KeyPackageRef, slot: ValidKeyPackage['slot']): Promise<Standing> {
  if ((await view.privateKeyPackages.get(ref)) !== undefined) return 'ours';
  if ((await view.tombstones.get(ref)) !== undefined) return 'keys_gone';
  return (await view.slots.get(slot)) === undefined ? 'other_device' : 'other_copy';
}

function report(view: StrangersView, at: UnixSeconds): LookUp {
  const problems = judgeView(view);
  return {
    at,
    invitable: !problems.some(({ severity }) => severity === 'error'),
    problems,
    relays: view.sightings.map((sighting) => relayReport(view, sighting)),
  };
}

function relayReport(view: StrangersView, sighting: Sighting): LookUp['relays'][number] {
  const { relay, connected, read, reason, packages } = sighting;
  const roles = {
    start: view.start,
    write: strangersWriteRelays(view.sightings) ?? [],
    inbox: strangersInboxRelays(view.sightings) ?? [],
  };
  const valid = validPackages(sighting);
  const counted = (standing: Standing): number =>
    valid.filter(({ facts }) => view.standings.get(facts.ref) === standing).length;
  return {
    url: relay,
    roles: (['start', 'write', 'inbox'] as const).filter((role) => roles[role].includes(relay)),
    connected,
    read,
    ...(reason === undefined ? {} : { reason }),
    lists: {
      10002: listAt(view, sighting, KIND.relayList),
      10050: listAt(view, sighting, KIND.inboxRelays),
    },
    packages: {
      found: packages.length,
      valid: valid.length,
      ours: counted('ours'),
      keysGone: counted('keys_gone'),
      otherCopy: counted('other_copy'),
      otherDevice: counted('other_device'),
      invalid: packages
        .flatMap(({ id, check }) =>
          check.ok ? [] : [{ eventId: id, reasons: check.reasons.map(({ code }) => code) }],
        )
        .slice(0, MAX_INVALID_SHOWN),
    },
  };
}
