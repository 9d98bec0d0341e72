import type { Clock, EventCrypto, EventTemplate, Log, Random, SignerOutcome } from '../ports.ts';
import type { NostrEvent } from '../records.ts';
import type { RelayLimits } from './limits.ts';
import type { Turns } from './turns.ts';

/** What every part of this room is given. */
export interface RelayContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: Pick<EventCrypto, 'verifyEvent'>;
  /** Signs the answer to a NIP-42 challenge; may take minutes. */
  sign(template: EventTemplate): Promise<SignerOutcome<NostrEvent>>;
  readonly log: Log;
  readonly limits: RelayLimits;
  /** Shared by all relays. */
  readonly turns: Turns;
}
