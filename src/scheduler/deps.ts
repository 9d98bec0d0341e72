import type { PublicKey, RelayUrl } from '../ids.ts';
import type { Policy } from '../keypackages/world.ts';
import type { Clock, Disk, EventCrypto, Log, Mls, Random, Relays, Signer, Store } from '../ports.ts';

/** What the outgoing engine is made of: ports and settings, nothing else. */
export interface EngineDeps {
  readonly account: PublicKey;
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly disk: Disk;
  readonly signer: Signer;
  readonly crypto: EventCrypto;
  readonly mls: Mls;
  readonly relays: Relays;
  readonly log: Log;
  readonly policy: Policy;
  readonly bootstrap: readonly RelayUrl[];
}

/** A number in [0, 1), for jitter. */
export function fraction(random: Random): number {
  const [a = 0, b = 0, c = 0] = random.bytes(3);
  return ((a << 16) | (b << 8) | c) / 0x1000000;
}
