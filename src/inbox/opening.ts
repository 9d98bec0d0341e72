import { type EventId, milliseconds, type PublicKey, plus, short, type UnixSeconds } from '../ids.ts';
import { openedAs } from '../invitations/opened.ts';
import { nextTurn, type Spent, stillCounted } from '../invitations/quota.ts';
import { MAX_INVITATIONS } from '../invitations/room.ts';
import { openSeal, openWrap, type Seal, type WrapRejection } from '../protocol/gift-wrap.ts';
import type { PendingWrap } from '../records.ts';
import type { InboxDeps } from './deps.ts';
import { commitOpened, type Result, sealedWrap } from './open-commit.ts';
import { factsOf, type Pending } from './pending.ts';

/** Opened between two commits. */
const BATCH = 16;
/** Of a processor, where the account key is in this process: a wrap costs two NIP-44 and a signature check, 5 ms. */
const SHARE = 1 / 4;
/** Outer layers that a signer elsewhere is asked to open in an hour: each may be a tap on a phone. */
const REMOTE_PER_HOUR = 60;
const HOUR_SEC = 3_600;
/** Until a signer that is away is asked again. */
const AWAY_SEC = 60;
const BUSY_SEC = 5;

export interface Opening {
  /** There may be something to open. */
  wake(): void;
  /** Resolves when what is under way has ended; nothing more is opened. */
  close(): Promise<void>;
}

export interface OpeningEvents {
  /** Something was opened: there is room. */
  opened(): void;
  failed(error: unknown): void;
}

/** C6b: opens what is pending, as far as the signer's budget and the senders' quotas allow. */
export function createOpening(
  { account, clock, store, signer, crypto, log, elapsedMs, signing }: InboxDeps,
  pending: Pending,
  { opened, failed }: OpeningEvents,
): Opening {
  const remote = signer.type === 'remote';
  /** A signer elsewhere is asked at most once in the life of a process for the same layer. */
  const asked = { outer: new Set<EventId>(), inner: new Set<EventId>() };
  let spent: readonly Spent[] = [];
  let firstSteps: readonly UnixSeconds[] = [];
  let awayUntil: UnixSeconds | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;
  let cancel = (): void => {};

  const decrypt = (peer: PublicKey, payload: string) => signer.decrypt(peer, payload);

  /** What to open next: a seal whose sender's turn it is, else the oldest that nobody has opened. */
  function choose(taken: ReadonlySet<EventId>, now: UnixSeconds): EventId | { at: UnixSeconds } | undefined {
    const sealed = remote ? new Set([...taken, ...asked.inner]) : taken;
    const turn = turnOf(remote ? askable(sealed) : pending.senders(), now);
    const seal = turn?.kind === 'open' ? pending.oldestSealOf(turn.sender, sealed) : undefined;
    if (seal !== undefined) return seal;
    const next = pending.oldestReceived(remote ? new Set([...taken, ...asked.outer]) : taken);
    if (next !== undefined && remote) {
      firstSteps = firstSteps.filter((at) => Math.abs(now - at) < HOUR_SEC);
      if (firstSteps.length >= REMOTE_PER_HOUR) return { at: plus(firstSteps[0]!, HOUR_SEC) };
    }
    return next ?? (turn?.kind === 'wait' ? { at: turn.until } : undefined);
  }

  /** Senders of whom something was not asked for yet. */
  const askable = (except: ReadonlySet<EventId>): ReadonlyMap<PublicKey, UnixSeconds> =>
    new Map([...pending.senders()].filter(([sender]) => pending.oldestSealOf(sender, except) !== undefined));

  function turnOf(senders: ReadonlyMap<PublicKey, UnixSeconds>, now: UnixSeconds) {
    if (pending.invitations().count < MAX_INVITATIONS) return nextTurn(senders, spent, account, now);
    // Nobody answers what is opened already: strangers wait.
    return senders.has(account) ? ({ kind: 'open', sender: account } as const) : undefined;
  }

  async function openOne(wrap: PendingWrap, now: UnixSeconds): Promise<Result | 'away' | 'refused'> {
    if (wrap.seal !== undefined) return openInner(wrap, wrap.seal, now);
    if (remote) firstSteps = [...firstSteps, now];
    const outer = await openWrap(wrap.event, account, decrypt, crypto);
    if (outer.kind === 'absent') return 'away';
    if (outer.kind === 'rejected') return rejected(wrap, outer.reason, undefined);
    const { seal } = outer;
    // Nobody who waits could be opened now, or this wrap would not have been chosen.
    const turn = turnOf(new Map([[seal.sender, wrap.receivedAt]]), now);
    return !remote && turn?.kind === 'open' ? openInner(wrap, seal, now) : { kind: 'sealed', wrap, seal };
  }

  async function openInner(
    wrap: PendingWrap,
    seal: Seal,
    now: UnixSeconds,
  ): Promise<Result | 'away' | 'refused'> {
    const { sender } = seal;
    const inner = await openSeal(seal, decrypt);
    if (inner.kind === 'absent') return 'away';
    if (sender !== account) spent = [...stillCounted(spent, now), { sender, at: now }];
    if (inner.kind === 'rejected') return rejected(wrap, inner.reason, sender);
    const { rumor } = inner;
    return { kind: 'done', wrap, opened: openedAs(rumor), sender, rumor };
  }

  /** What a person at a signer elsewhere refuses is not broken: another process may ask again. */
  const rejected = (
    wrap: PendingWrap,
    reason: WrapRejection,
    sender: PublicKey | undefined,
  ): Result | 'refused' => (remote && reason === 'undecryptable' ? 'refused' : broken(wrap, reason, sender));

  /** One batch and its commit. Answers when there is more to do: at once, at an instant, or when woken. */
  async function batch(): Promise<'now' | UnixSeconds | undefined> {
    const now = clock.now();
    if (awayUntil !== undefined && now < awayUntil) return awayUntil;
    awayUntil = undefined;
    // Whoever answers there signs our KeyPackages first.
    if (remote && signing()) return plus(now, BUSY_SEC);
    const taken = new Set<EventId>();
    const results: Result[] = [];
    let next: ReturnType<typeof choose>;
    while (results.length < BATCH && !closed) {
      next = choose(taken, now);
      if (typeof next !== 'string') break;
      const id = next;
      taken.add(id);
      const wrap = await store.read((view) => view.wraps.get(id));
      if (wrap === undefined) {
        pending.remove(id);
        continue;
      }
      if (remote) (wrap.seal === undefined ? asked.outer : asked.inner).add(id);
      const result = await openOne(wrap, now);
      if (result === 'away') {
        awayUntil = plus(now, AWAY_SEC);
        break;
      }
      if (result !== 'refused') results.push(result);
    }
    if (results.length > 0) await commit(results, now);
    if (awayUntil !== undefined) return awayUntil;
    if (results.length > 0 || typeof next === 'string') return 'now';
    return next?.at;
  }

  async function commit(results: readonly Result[], now: UnixSeconds): Promise<void> {
    const invitations = await store.update('open', (tx) => commitOpened(tx, results, now));
    for (const result of results) {
      const { wrap } = result;
      if (result.kind === 'sealed') {
        pending.put(factsOf(sealedWrap(wrap, result.seal)));
        continue;
      }
      pending.remove(wrap.id);
      const { kind } = result.opened;
      const reason = result.opened.kind === 'broken' ? { reason: result.opened.reason } : {};
      log.debug('gift_wrap_opened', { eventId: short(wrap.id), kind, ...reason });
    }
    for (const { id, sender, rumor } of invitations) {
      pending.invited(rumor.length);
      log.info('invitation_received', { eventId: short(id), sender: short(sender) });
    }
    opened();
  }

  async function run(): Promise<void> {
    while (again && !closed) {
      again = false;
      const began = elapsedMs();
      const next = await batch();
      if (next === undefined) continue;
      if (next === 'now') {
        again = true;
        const restMs = remote ? 0 : (elapsedMs() - began) * (1 / SHARE - 1);
        if (restMs >= 1) await rest(restMs);
      } else {
        wakeIn(next - clock.now());
      }
    }
  }

  function rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = clock.after(milliseconds(ms), resolve);
      cancel = () => {
        stop();
        resolve();
      };
    });
  }

  function wakeIn(sec: number): void {
    cancel();
    if (closed) return;
    cancel = clock.after(milliseconds(Math.max(1, sec) * 1_000), wake);
  }

  function wake(): void {
    if (closed) return;
    again = true;
    running ??= run()
      .catch((error: unknown) => {
        closed = true;
        failed(error);
      })
      .finally(() => {
        running = undefined;
        if (again) wake();
      });
  }

  return {
    wake,
    async close() {
      closed = true;
      cancel();
      await running;
    },
  };
}

const broken = (wrap: PendingWrap, reason: string, sender: PublicKey | undefined): Result => ({
  kind: 'done',
  wrap,
  opened: { kind: 'broken', reason },
  sender,
  rumor: undefined,
});
