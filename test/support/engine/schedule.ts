import { createEventCrypto } from '../../../src/identity/event-crypto.ts';
import { createLocalSigner } from '../../../src/identity/local-signer.ts';
import type { RelayUrl, Seconds } from '../../../src/ids.ts';
import { createMls } from '../../../src/mls/mls.ts';
import type { Log, Store } from '../../../src/ports.ts';
import type { createReconciler, Reconciler } from '../../../src/scheduler/reconcile.ts';
import type { createSession } from '../../../src/scheduler/session.ts';
import { createManualClock } from '../clock.ts';
import { createAccount } from '../nostr.ts';
import { createSeededRandom, drawBelow } from '../random.ts';
import { openMemoryStore } from '../store.ts';
import { readInbox, wideDisk } from '../world.ts';
import { createInvariantChecker, Violation } from './invariants.ts';
import { createLife, mortalStore } from './mortal.ts';
import { comeBack, copyOf, type Past, type Return } from './past.ts';
import { createRelayWorld, faultsFrom, type RelayWorld } from './simulated-relays.ts';

/** The engine under test: the project's own, or a mutant of it. */
export interface EngineModules {
  readonly createReconciler: typeof createReconciler;
  readonly createSession: typeof createSession;
}

export interface Schedule {
  readonly seed: number;
  readonly steps: number;
  /** The crossing at which the n-th life of the process ends; undefined: it lives on. */
  dieAt(life: number): number | undefined;
  /** At half of the steps a copy of the store is made, and at three quarters it takes the place of the store. */
  readonly copy?: Return;
}

/** Every life but the last ends at a place drawn from the seed. */
export function randomDeaths(seed: number): Schedule {
  const random = createSeededRandom(`deaths ${seed}`);
  return { seed, steps: 12, dieAt: (life) => (life < 8 ? 1 + drawBelow(random, 60) : undefined) };
}

const RELAYS = ['ws://a.example', 'ws://b.example'] as RelayUrl[];
const HOUR = 3_600;
/** Seconds that pass between two steps: retries, renewals, and weeks in which everything is off. */
const HOPS = [1, 35, 90, HOUR, 7 * HOUR, 25 * HOUR, 25 * HOUR, 25 * HOUR, 49 * HOUR, 30 * 24 * HOUR];
const POLICY = {
  standard: 2,
  lastResort: 1,
  refreshAfterSec: (24 * HOUR) as Seconds,
  lowStock: 1,
  lifetimeSec: (84 * 24 * HOUR) as Seconds,
};
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Lives through a seeded course of events (time passing, relays failing in every way, the process dying where
 * the schedule says) with all invariants checked after every commit, then lets everything heal.
 * Returns how many places to die each life had. Throws Violation.
 */
export async function runSchedule(modules: EngineModules, schedule: Schedule): Promise<readonly number[]> {
  const course = await createCourse(modules, schedule);
  try {
    for (let step = 0; step < schedule.steps; step++) {
      if (schedule.copy !== undefined) await course.copy(step / schedule.steps, schedule.copy);
      await course.step();
    }
    await course.heal();
    if (schedule.copy !== undefined) course.afterReturn(schedule.copy);
    return course.crossings;
  } finally {
    await course.close();
  }
}

async function createCourse(modules: EngineModules, { seed, dieAt }: Schedule) {
  const random = createSeededRandom(`schedule ${seed}`);
  const clock = createManualClock();
  const account = createAccount('crash loop');
  const crypto = await createEventCrypto();
  const signer = await createLocalSigner(Uint8Array.from(account.secretKey));
  let store = await openMemoryStore();
  let copy: Store | undefined;
  const relays = createRelayWorld(RELAYS);
  const tagsOf = (name: string): string[][] => RELAYS.map((url) => [name, url]);
  relays.seed(account.sign({ kind: 10002, tags: tagsOf('r') }));
  relays.seed(account.sign({ kind: 10050, tags: tagsOf('relay') }));
  const check = (past?: Past) =>
    createInvariantChecker(relays, store, clock, POLICY.standard + POLICY.lastResort, past);
  let checker = check();
  relays.setFaults(faultsFrom(random));

  let lives = 0;
  let trouble: unknown;
  let current: { life: ReturnType<typeof createLife>; engine: Reconciler };
  const crossings: number[] = [];

  function beginLife(immortal = false): void {
    const life = createLife(immortal ? undefined : dieAt(lives));
    lives += 1;
    const fail = (error: unknown): void => {
      trouble ??= error;
      life.kill();
    };
    const port = relays.portFor(life, clock, (relay, event) => mustBeIntended(store, relay, event.id));
    const session = modules.createSession(clock.now(), port);
    const deps = {
      account: account.publicKey,
      clock,
      random,
      store: mortalStore(life, store, checker.afterCommit),
      disk: wideDisk,
      signer,
      crypto,
      mls: createMls(random),
      relays: port,
      inbox: () => readInbox,
      log: silent,
      policy: POLICY,
      bootstrap: RELAYS,
    };
    current = {
      life,
      engine: modules.createReconciler(deps, session, { passing() {}, passed() {}, failed: fail }),
    };
  }

  /** Wakes the engine until it rests; a process that dies on the way is started again. */
  async function untilRest(): Promise<void> {
    for (let starts = 0; starts < 50; starts++) {
      current.engine.wake();
      await Promise.race([current.engine.settled(), current.life.killed]);
      crossings[lives - 1] = current.life.crossings;
      if (trouble !== undefined) throw trouble;
      if (current.life.alive) return;
      beginLife();
    }
  }

  beginLife();
  return {
    crossings,
    async copy(progress: number, as: Return): Promise<void> {
      if (progress === 1 / 2) copy = await copyOf(store);
      if (progress !== 3 / 4 || copy === undefined) return;
      current.life.kill();
      await store.close();
      store = copy;
      checker = check(await comeBack(copy, relays, as));
      beginLife();
    },
    afterReturn: (as: Return): void => checker.healed(as),
    async step(): Promise<void> {
      clock.advance(HOPS[drawBelow(random, HOPS.length)]!);
      changeWeather(relays, random);
      await untilRest();
    },
    /** 8. With healthy relays and enough passes the pool is whole and nothing is left to do. */
    async heal(): Promise<void> {
      relays.setFaults(undefined);
      for (const url of RELAYS) relays.setUp(url, true);
      beginLife(true);
      for (let hour = 0; hour < 3; hour++) {
        clock.advance(HOUR);
        await untilRest();
      }
      const { world, plan } = await current.engine.look();
      const ready = world.packages.filter((record) => record.state === 'confirmed');
      if (ready.length < 3 || plan.actions.length > 0) {
        throw new Violation(
          `8: ${ready.length} confirmed, ${plan.actions.length} actions left after healing`,
        );
      }
    },
    async close(): Promise<void> {
      current.life.kill();
      await store.close();
    },
  };
}

/** C1 and C2 come before the send: what leaves is in the store, with the intent to send it there. */
async function mustBeIntended(store: Store, relay: RelayUrl, id: string): Promise<void> {
  const entry = await store.read(async (view) =>
    (await view.outbox.list()).find(({ event }) => event.id === id),
  );
  if (entry?.deliveries[relay]?.mayHold !== true) {
    throw new Violation(`1: ${id.slice(0, 8)} leaves for ${relay} without a durable intent`);
  }
}

function changeWeather(relays: RelayWorld, random: ReturnType<typeof createSeededRandom>): void {
  for (const url of relays.urls) {
    const up = drawBelow(random, 4) > 0;
    if (up !== relays.isUp(url)) relays.setUp(url, up);
  }
}
