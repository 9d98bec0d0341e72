/**
 * What is durable: the shape of every record in the store. Pure data; transitions are in keypackages/record.ts.
 * Field names end in their unit: `At` is Unix seconds.
 */
import type { EventId, KeyPackageRef, PublicKey, RelayUrl, SlotId, UnixSeconds } from './ids.ts';

/** A signed Nostr event (NIP-01). `id`, `pubkey` are 64, `sig` 128 lowercase hex digits. */
export interface NostrEvent {
  readonly id: EventId;
  readonly pubkey: PublicKey;
  readonly created_at: UnixSeconds;
  readonly kind: number;
  readonly tags: readonly (readonly string[])[];
  readonly content: string;
  readonly sig: string;
}

export type KeyPackageKind = 'standard' | 'last_resort';

/** States of one KeyPackage; legal moves are in keypackages/record.ts. */
export type KeyPackageState =
  | 'generated'
  | 'published'
  | 'confirmed'
  | 'retired'
  | 'used'
  | 'expired'
  | 'revoked'
  | 'deleted';

/** Why private keys were erased. */
export type EraseCause = 'consumed' | 'replaced' | 'never_published' | 'expired' | 'revoked';

export interface SlotRecord {
  readonly slot: SlotId;
  readonly kind: KeyPackageKind;
  /** Highest `created_at` ever signed for this slot; the next one is greater. */
  readonly lastCreatedAt: UnixSeconds;
}

export interface KeyPackageRecord {
  readonly ref: KeyPackageRef;
  readonly slot: SlotId;
  readonly kind: KeyPackageKind;
  readonly state: KeyPackageState;
  /** Counts up by one with every batch staged; packages of one generation share a leaf signature key. */
  readonly generation: number;
  /** The one signed event that carries this package; its bytes are in the outbox entry of this id. */
  readonly eventId: EventId;
  readonly createdAt: UnixSeconds;
  /** MLS Lifetime (RFC 9420 section 7.2). */
  readonly notBefore: UnixSeconds;
  readonly notAfter: UnixSeconds;
  readonly stagedAt: UnixSeconds;
  /** Drawn once when staged, with jitter: when age alone asks for a replacement. */
  readonly renewAt: UnixSeconds;
  readonly publishedAt?: UnixSeconds;
  readonly confirmedAt?: UnixSeconds;
  readonly retiredAt?: UnixSeconds;
  readonly usedAt?: UnixSeconds;
  /** When the private keys of a retired, used, expired or revoked package go (commit C4). */
  readonly keepUntil?: UnixSeconds;
  /** Tombstone: set when the private keys are gone (commit C5). */
  readonly erased?: { readonly at: UnixSeconds; readonly cause: EraseCause };
}

/** The private half of a KeyPackage. Sealed at rest; opaque to everything but the MLS room. */
export interface PrivateKeyPackage {
  readonly ref: KeyPackageRef;
  /** MLSMessage(mls_key_package) bytes, as in the event's content. */
  readonly message: Uint8Array;
  /** Three private keys in the MLS room's own encoding. */
  readonly privateBytes: Uint8Array;
}

/** Latest known outcome at one relay for one event. A timeout is `unknown`, never a rejection. */
export interface Delivery {
  readonly outcome: 'sent' | 'accepted' | 'rejected' | 'unknown';
  /** When this outcome was recorded. */
  readonly at: UnixSeconds;
  readonly attempts: number;
  /** When the same bytes are sent again; absent when accepted. Jitter included, drawn once. */
  readonly retryAt?: UnixSeconds;
  /** The relay's words or the transport's reason; at most 200 characters. */
  readonly detail?: string;
  /** When the event was last seen on this relay by reading it back. */
  readonly seenAt?: UnixSeconds;
  /** True once an acknowledgement may have reached the relay: stays true whatever comes later. */
  readonly mayHold: boolean;
}

/** One signed event and where it stands with every relay it is meant for. */
export interface OutboxEntry {
  readonly event: NostrEvent;
  readonly subject:
    | { readonly kind: 'key_package'; readonly ref: KeyPackageRef; readonly slot: SlotId }
    | { readonly kind: 'relay_list' };
  readonly stagedAt: UnixSeconds;
  readonly deliveries: Readonly<Record<RelayUrl, Delivery>>;
}

/** The newest relay list event known of one kind: 10002 (NIP-65) or 10050 (NIP-17). */
export interface RelayListRecord {
  readonly kind: 10002 | 10050;
  readonly event: NostrEvent;
  readonly learnedAt: UnixSeconds;
}

/**
 * A gift wrap that is not done yet: as it came from a relay (commit C6), or without its outer layer (commit C6b). What it
 * is tells which: `event`, or `seal`.
 */
export type PendingWrap = {
  readonly id: EventId;
  readonly receivedAt: UnixSeconds;
  readonly relay: RelayUrl;
  /** What it takes up: the length of the frame it came in, later of the seal's payload. */
  readonly bytes: number;
} & (
  | { readonly event: NostrEvent; readonly seal?: never }
  /** The sender is proven by the seal's signature; the payload is NIP-44 from there to the account. */
  | { readonly event?: never; readonly seal: { readonly sender: PublicKey; readonly payload: string } }
);

/** What a gift wrap turned out to hold. */
export type WrapKind = 'invitation' | 'direct_message' | 'other' | 'obsolete_profile' | 'broken';

/** The id of a gift wrap that is done, so that it is never opened again. */
export interface SeenWrap {
  readonly id: EventId;
  readonly kind: WrapKind;
  /** When a relay brought it, or when the last reading of everything that brought it again was begun. */
  readonly broughtAt: UnixSeconds;
}

/** An opened invitation (Welcome) that nobody has answered yet. */
export interface InvitationRecord {
  /** Of the gift wrap. */
  readonly id: EventId;
  /** The account that invites, proven by the seal. */
  readonly sender: PublicKey;
  readonly receivedAt: UnixSeconds;
  readonly relay: RelayUrl;
  /** The kind 444 rumor (protocol.md section 5): JSON of its event. */
  readonly rumor: string;
}

/** What has come from one sender, and when last; `all` sums up everybody. */
export interface SenderRecord {
  readonly sender: PublicKey | 'all';
  readonly counts: Readonly<Partial<Record<WrapKind, number>>>;
  readonly lastAt: UnixSeconds;
}

/** Where the inbox of one relay was last read to the end; local clock only. */
export interface InboxCursor {
  readonly relay: RelayUrl;
  /** Local time at which the reading that came to its end was begun. */
  readonly readAt: UnixSeconds;
  /** The same, for the last reading of everything the relay holds. */
  readonly fullReadAt: UnixSeconds;
  /** And for the one before it: ids that neither of them brought are forgotten. */
  readonly fullReadBeforeAt?: UnixSeconds;
}

export type NoticeSeverity = 'info' | 'warning' | 'error';

/** One numbered line of the durable notice log; clients resume with the last number they saw. */
export interface Notice {
  readonly seq: number;
  readonly at: UnixSeconds;
  readonly code: string;
  readonly severity: NoticeSeverity;
  readonly message: string;
  readonly data?: Readonly<Record<string, string | number | boolean>>;
}

/** What an operator asked for that the engine has not finished yet, and what it has learned about itself. */
export interface Meta {
  readonly account?: PublicKey;
  /** Generation of the newest batch staged; 0 before the first. */
  readonly generation: number;
  /** Packages of generations below this are to be replaced (keyPackages.refresh). */
  readonly refreshBelow?: number;
  /**
   * Packages of generations below this may be used elsewhere: another copy of this state was met, or it was restored.
   * They are neither counted nor sent any more.
   */
  readonly quarantineBelow?: number;
  /** Set for ever when this state came out of a backup. */
  readonly restored?: { readonly backupAt: UnixSeconds; readonly restoredAt: UnixSeconds };
  /** Relay lists to sign and publish. */
  readonly relayListWish?: {
    readonly write: readonly RelayUrl[];
    readonly inbox: readonly RelayUrl[];
    /** False: only when no relay in use holds a list already (dialogctl init with an imported key). */
    readonly replace: boolean;
  };
  /** When old notices, processed wraps and tombstones were last cleared away. */
  readonly sweptAt?: UnixSeconds;
}
