import { type Action, type Decision, jobKey } from '../decision.ts';
import { assertNever } from '../errors.ts';
import type { RelayUrl } from '../ids.ts';
import { relaysInUse, type World } from '../keypackages/world.ts';
import { decide, type Plan } from '../policy.ts';
import type { EraseCause } from '../records.ts';
import { deliver } from './deliver.ts';
import type { EngineDeps } from './deps.ts';
import { erase, keepUntil } from './erase.ts';
import { gather } from './gather.ts';
import { quarantine } from './quarantine.ts';
import { readBack } from './read-back.ts';
import { stageLists } from './relay-lists.ts';
import type { SessionState } from './session.ts';
import { SignerTrouble } from './sign.ts';
import { stage } from './stage.ts';
import { sweep } from './sweep.ts';

/** A wake-up that is not done after this many passes is a bug, and says so instead of spinning. */
const MAX_PASSES = 1_000;
const COMPACTION = 'compact';

/** Whether something is under way, and a count that moves on while it gets somewhere. */
export interface Beat {
  readonly busy: boolean;
  readonly count: number;
}

export interface Reconciler {
  /** Something may have changed: decide again. Calls while a pass runs become one more pass. */
  wake(): void;
  /** The world and what would be done in it, at this moment. */
  look(): Promise<{ world: World; plan: Plan }>;
  /** Passes and their steps; jobs are not among them. */
  beat(): Beat;
  /** Resolves when no pass and no job is under way. */
  settled(): Promise<void>;
  /** No new pass or job starts; resolves when those under way have ended. */
  stop(): Promise<void>;
}

export interface ReconcilerEvents {
  /** Before every pass looks at anything. */
  passing(): void;
  /** After every pass, with what it saw. */
  passed(world: World, plan: Plan): void;
  /** A bug or a broken store: the process should end and start again. */
  failed(error: unknown): void;
}

/**
 * Load the world, decide, perform each action, repeat until nothing is left. Commits are performed within
 * the pass; what waits for a relay or the signer runs as a job beside it and wakes the engine when it ends.
 */
export function createReconciler(
  deps: EngineDeps,
  session: SessionState,
  events: ReconcilerEvents,
): Reconciler {
  const jobs = new Map<string, Promise<void>>();
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let relaysSet = '';
  let steps = 0;

  async function look(): Promise<{ world: World; plan: Plan }> {
    const world = await gather(deps, session);
    return { world, plan: decide(world, deps.policy) };
  }

  function useRelays(urls: readonly RelayUrl[]): void {
    const wanted = urls.join(' ');
    if (wanted === relaysSet) return;
    relaysSet = wanted;
    deps.relays.use(urls);
  }

  async function pass(): Promise<void> {
    events.passing();
    const { world, plan } = await look();
    useRelays(relaysInUse(world.roles));
    for (const decision of plan.actions) {
      if (stopped) return;
      await perform(decision, world);
      steps += 1;
    }
    const causes = plan.actions.flatMap(({ action }) => (action.kind === 'erase' ? [action.cause] : []));
    if (causes.length > 0) compact(causes);
    if (plan.actions.some(({ action }) => jobKey(action) === undefined)) again = true;
    steps += 1;
    events.passed(world, plan);
  }

  async function perform({ action }: Decision, world: World): Promise<void> {
    const key = jobKey(action);
    if (key === undefined) return carryOut(action, world);
    if (!jobs.has(key)) startJob(key, action, world);
  }

  function startJob(key: string, action: Action, world: World): void {
    session.started(key);
    const job = carryOut(action, world)
      .then(() => {
        if (key === 'sign') session.signerAnswered();
      })
      .catch((error: unknown) => {
        if (!(error instanceof SignerTrouble)) throw error;
        session.signerTrouble(deps.clock.now(), error.message);
        deps.log.info('signing_failed', { reason: error.message });
      })
      .catch((error: unknown) => events.failed(error))
      .finally(() => {
        session.ended(key);
        jobs.delete(key);
        wake();
      });
    jobs.set(key, job);
  }

  /** Beside the loop: it waits for whoever reads, a backup say, and holds up nothing meanwhile. */
  function compact(causes: readonly EraseCause[]): void {
    const before = jobs.get(COMPACTION) ?? Promise.resolve();
    const job = before
      .then(() => deps.store.compactPrivateKeys())
      .then(() => {
        deps.log.info('key_packages_erased', { count: causes.length, causes: [...new Set(causes)] });
      })
      .catch((error: unknown) => events.failed(error))
      .finally(() => {
        if (jobs.get(COMPACTION) === job) jobs.delete(COMPACTION);
      });
    jobs.set(COMPACTION, job);
  }

  async function carryOut(action: Action, world: World): Promise<void> {
    switch (action.kind) {
      case 'stage':
        return stage(deps, action.orders);
      case 'stage_lists':
        return stageLists(deps);
      case 'deliver':
        return deliver(deps, action.relay, action.eventIds);
      case 'read_back':
        return readBack(deps, session, action.relay, world);
      case 'keep_until':
        return keepUntil(deps, action.ref, action.at);
      case 'erase':
        return erase(deps, action.ref, action.cause);
      case 'quarantine':
        return quarantine(deps, session);
      case 'sweep':
        return sweep(deps);
      default:
        return assertNever(action);
    }
  }

  async function run(): Promise<void> {
    for (let passes = 0; again && !stopped; passes++) {
      if (passes === MAX_PASSES) throw new Error(`the engine has not settled after ${MAX_PASSES} passes`);
      again = false;
      await pass();
    }
  }

  function wake(): void {
    if (stopped) return;
    again = true;
    running ??= run()
      .catch((error: unknown) => {
        stopped = true;
        events.failed(error);
      })
      .finally(() => {
        running = undefined;
        if (again) wake();
      });
  }

  async function settled(): Promise<void> {
    while (running !== undefined || jobs.size > 0) await Promise.all([running, ...jobs.values()]);
  }

  return {
    wake,
    look,
    beat: () => ({ busy: running !== undefined, count: steps }),
    settled,
    async stop() {
      stopped = true;
      await settled();
    },
  };
}
