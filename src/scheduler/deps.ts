import type { PublicKey, RelayUrl } from '../ids.ts';
import type { InboxFacts } from '../invitations/inbox-facts.ts';
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
  /** What the receiving half knows. */
  readonly inbox: () => InboxFacts;
  readonly log: Log;
  readonly policy: Policy;
  readonly bootstrap: readonly RelayUrl[];
}
