import type { PublicKey } from '../ids.ts';
import type { Clock, Disk, EventCrypto, Log, Random, Relays, Signer, Store } from '../ports.ts';

/** What the incoming engine is made of: ports, nothing else. */
export interface InboxDeps {
  readonly account: PublicKey;
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly disk: Disk;
  readonly relays: Relays;
  readonly signer: Signer;
  readonly crypto: Pick<EventCrypto, 'verifyEvent'>;
  readonly log: Log;
  /** Milliseconds of a clock that only runs forward: how much of the processor opening takes. */
  readonly elapsedMs: () => number;
  /** True while the signer is asked for a signature. */
  readonly signing: () => boolean;
}
