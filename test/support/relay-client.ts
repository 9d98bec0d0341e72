import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/daemon/system.ts';
import { createEventCrypto } from '../../src/identity/event-crypto.ts';
import { type RelayUrl, type UnixSeconds, unixSeconds } from '../../src/ids.ts';
import type { Filter, RelayState, Relays } from '../../src/ports.ts';
import type { NostrEvent } from '../../src/records.ts';
import type { RelayLimits } from '../../src/relay/limits.ts';
import { createRelays, type RelaysOptions } from '../../src/relay/relays.ts';
import { createRecordingLog, type RecordingLog } from './log.ts';
import { createAccount } from './nostr.ts';
import { createSeededRandom } from './random.ts';

/** The account that answers challenges, unless a test brings its own `sign`. */
export const account = createAccount('relay client');
const crypto = await createEventCrypto();

/** So that a test sees in milliseconds what takes the daemon seconds. */
const quick: Partial<RelayLimits> = { backoffBaseMs: 20, backoffCapMs: 100, challengeMs: 20 };

export interface ClientOptions extends Partial<Omit<RelaysOptions, 'limits'>> {
  readonly limits?: Partial<RelayLimits>;
}

export interface RelayClient extends Relays {
  readonly lines: RecordingLog;
  state(relay: RelayUrl): RelayState;
}

/** Our relay layer on the real clock, connected to `urls`, closed when the test ends. */
export function startClient(urls: readonly RelayUrl[], options: ClientOptions = {}): RelayClient {
  const lines = createRecordingLog();
  const relays = createRelays({
    clock: systemClock,
    random: createSeededRandom('relay client'),
    crypto,
    sign: async (template) => ({ kind: 'ok', value: account.sign(template) }),
    log: lines,
    ...options,
    limits: { ...quick, ...options.limits },
  });
  onTestFinished(() => relays.close());
  relays.use(urls);
  return {
    ...relays,
    lines,
    state: (relay) => relays.states().find(({ url }) => url === relay)!,
  };
}

/** What a standing subscription was told. */
export interface Heard {
  readonly events: readonly NostrEvent[];
  /** Distinct event ids, in order of arrival. */
  ids(): string[];
  readonly caughtUp: readonly { readonly relay: RelayUrl; readonly openedAt: UnixSeconds }[];
  stop(): void;
}

/** Subscribes and remembers everything heard. */
export function listen(relays: Relays, filter: Filter, name = 'inbox'): Heard {
  const events: NostrEvent[] = [];
  const caughtUp: { relay: RelayUrl; openedAt: UnixSeconds }[] = [];
  const stop = relays.subscribe({
    name,
    filter: () => filter,
    onEvent: (event) => events.push(event),
    onCaughtUp: (relay, openedAt) => caughtUp.push({ relay, openedAt }),
  });
  return { events, caughtUp, stop, ids: () => [...new Set(events.map(({ id }) => id))] };
}

/** Stopped when the test ends. */
export async function forThisTest<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const started = await starting;
  onTestFinished(() => started.stop());
  return started;
}

/** `sec` seconds before now, as gift wraps are backdated (NIP-59). */
export const ago = (sec: number): UnixSeconds => unixSeconds(systemClock.now() - sec);
