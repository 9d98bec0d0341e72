import { jobKey } from '../decision.ts';
import { plus, type RelayUrl, type UnixSeconds } from '../ids.ts';
import type { Session } from '../keypackages/world.ts';
import type { RelayState, Relays } from '../ports.ts';

/** First wait for a signer that is away, doubling to a quarter of an hour (seconds). */
const FIRST_SIGNER_RETRY_SEC = 30;
const MAX_SIGNER_RETRY_SEC = 900;

/** What the running process knows about the outside; forgotten when it ends. */
export interface SessionState {
  snapshot(): Session;
  /** The clock jumped (sleep, or set by hand): the inbox has to be read again before keys are swept. */
  restart(now: UnixSeconds): void;
  /** What the relays hold is to be read again, on every connection. */
  lookAgain(): void;
  /** `foreign`: how many KeyPackage events in our slots were not made here. */
  readBack(relay: RelayUrl, at: UnixSeconds, foreign: number): void;
  readBackFailed(relay: RelayUrl, at: UnixSeconds): void;
  /** What another copy overwrote has been quarantined. */
  quarantined(): void;
  signerTrouble(now: UnixSeconds, reason: string): void;
  signerAnswered(): void;
  started(job: string): void;
  ended(job: string): void;
}

export function createSession(startedAt: UnixSeconds, relays: Pick<Relays, 'states'>): SessionState {
  /** Jobs under way, each with the number of the look it belongs to. */
  const busy = new Map<string, number>();
  let looks = 0;
  /** By relay: the connection it holds for (its start), so that a reconnect forgets. */
  const reads = new Map<RelayUrl, { connection: UnixSeconds; at: UnixSeconds; ok: boolean }>();
  /** By relay, also while it is away: what it holds does not change by that. */
  const foreign = new Map<RelayUrl, number>();
  let quarantined = false;
  let began = startedAt;
  let signer: Session['signer'];
  let signerFailures = 0;

  const lookAgain = (): void => {
    looks += 1;
    reads.clear();
  };
  const record = (relay: RelayUrl, at: UnixSeconds, ok: boolean): void => {
    // Begun before somebody asked to look again: what it saw may be older than that.
    if (busy.get(jobKey({ kind: 'read_back', relay })) !== looks) return;
    const state = relays.states().find(({ url }) => url === relay);
    if (state?.connectedAt !== undefined) reads.set(relay, { connection: state.connectedAt, at, ok });
  };

  return {
    snapshot() {
      const states = relays.states().filter(({ phase }) => phase === 'connected');
      const current = states.flatMap(({ url, connectedAt }) => {
        const read = reads.get(url);
        return read !== undefined && read.connection === connectedAt ? [[url, read] as const] : [];
      });
      const at = (ok: boolean): Map<RelayUrl, UnixSeconds> =>
        new Map(current.filter(([, read]) => read.ok === ok).map(([url, read]) => [url, read.at]));
      return {
        startedAt: began,
        connected: urlsOf(states),
        answering: urlsOf(states.filter(({ answering }) => answering)),
        caughtUp: urlsOf(states.filter(({ caughtUp }) => caughtUp)),
        readBackAt: at(true),
        readBackFailedAt: at(false),
        foreign: new Map(foreign),
        quarantined,
        busy: new Set(busy.keys()),
        signer,
        clockOffsetSec: median(
          relays
            .states()
            .flatMap(({ clockOffsetSec }) => (clockOffsetSec === undefined ? [] : [clockOffsetSec])),
        ),
      };
    },
    restart(now) {
      began = now;
      lookAgain();
    },
    lookAgain,
    readBack(relay, at, count) {
      if (count === 0) foreign.delete(relay);
      else foreign.set(relay, count);
      record(relay, at, true);
    },
    readBackFailed: (relay, at) => record(relay, at, false),
    quarantined() {
      quarantined = true;
    },
    signerTrouble(now, reason) {
      const wait = Math.min(MAX_SIGNER_RETRY_SEC, FIRST_SIGNER_RETRY_SEC * 2 ** signerFailures);
      signerFailures += 1;
      signer = { since: signer?.since ?? now, reason, retryAt: plus(now, wait) };
    },
    signerAnswered() {
      signer = undefined;
      signerFailures = 0;
    },
    started: (job) => void busy.set(job, looks),
    ended: (job) => void busy.delete(job),
  };
}

const urlsOf = (states: readonly RelayState[]): ReadonlySet<RelayUrl> =>
  new Set(states.map(({ url }) => url));

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
