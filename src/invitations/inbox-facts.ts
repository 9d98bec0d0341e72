import type { RelayUrl } from '../ids.ts';
import type { SkippedEvent } from '../ports.ts';
import type { WrapKind } from '../records.ts';
import type { Amount } from './room.ts';

/** Why what one relay holds for the inbox is not known whole. */
export interface InboxTrouble {
  /** A reading brought what the subscription had not: nothing is pushed on a connection that lives. */
  readonly deaf: boolean;
  /** Seconds of which the relay may hold more than it hands out at once; NIP-01 offers no way past them. */
  readonly hiddenSeconds: number;
  /** Its answers do not lead on. */
  readonly stuck: string | undefined;
}

export type SkippedCounts = Readonly<Partial<Record<SkippedEvent['reason'], number>>>;

/** What this process knows of the receiving half. */
export interface InboxFacts {
  /** Inbox relays whose live subscription is past its stored events: whatever is sent now is pushed. */
  readonly listening: ReadonlySet<RelayUrl>;
  /** Those of them whose stored gift wraps were read to the end since. */
  readonly read: ReadonlySet<RelayUrl>;
  /** Gift wraps that are not done yet: with the invitations, and as it is limited. */
  readonly kept: Amount;
  readonly limit: Amount;
  /** Of them, those that nobody has opened. */
  readonly unopened: number;
  /** Opened, not answered yet. */
  readonly invitations: number;
  /** Gift wraps that found no room since the start; they are asked for again. */
  readonly turnedAway: number;
  /** True while that goes on, or did within the last hour. */
  readonly flooded: boolean;
  readonly seen: number;
  /** What could not be taken since the start. */
  readonly skipped: SkippedCounts;
  readonly troubles: ReadonlyMap<RelayUrl, InboxTrouble>;
  /** What came, since this state was made. */
  readonly counts: Readonly<Partial<Record<WrapKind, number>>>;
}

/** A stranger's invitation would be noticed when it is sent. */
export const isListening = ({ listening }: InboxFacts): boolean => listening.size > 0;

/** What was sent before is in the store as well, wherever we listen. */
export const isRead = ({ listening, read }: InboxFacts): boolean =>
  listening.size > 0 && [...listening].every((relay) => read.has(relay));
