/**
 * What the engines need from the world, as small interfaces. Adapters implement them, daemon/ wires them,
 * engines and tests see nothing else.
 */
import type {
  EventId,
  KeyPackageRef,
  Milliseconds,
  PublicKey,
  RelayUrl,
  SlotId,
  UnixSeconds,
} from './ids.ts';
import type { LogEvent, LogFields } from './log-events.ts';
import type {
  InboxCursor,
  InvitationRecord,
  KeyPackageRecord,
  Meta,
  NostrEvent,
  Notice,
  OutboxEntry,
  PendingWrap,
  PrivateKeyPackage,
  RelayListRecord,
  SeenWrap,
  SenderRecord,
  SlotRecord,
} from './records.ts';

export interface Clock {
  /** Wall clock, whole Unix seconds. */
  now(): UnixSeconds;
  /** Calls `wake` once after `delay`; the returned function cancels. */
  after(delay: Milliseconds, wake: () => void): () => void;
}

export interface Random {
  /** `length` bytes from a cryptographically secure source. */
  bytes(length: number): Uint8Array;
}

// ---------------------------------------------------------------- signer

export interface EventTemplate {
  readonly created_at: UnixSeconds;
  readonly kind: number;
  readonly tags: readonly (readonly string[])[];
  readonly content: string;
}

/** A signer may be slow (minutes: a person taps a phone), refuse, or be away. */
export type SignerOutcome<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'absent'; readonly reason: string };

/** Holder of the account key: in this process, or somewhere else entirely. */
export interface Signer {
  readonly account: PublicKey;
  readonly type: 'local' | 'remote';
  /** Signs exactly this template (NIP-01). The caller compares what comes back before use. */
  sign(template: EventTemplate): Promise<SignerOutcome<NostrEvent>>;
  /** NIP-44 version 2 decryption of a payload from `peer`. */
  decrypt(peer: PublicKey, payload: string): Promise<SignerOutcome<string>>;
  close(): Promise<void>;
}

/** BIP-340 and NIP-01 checks; no secrets. */
export interface EventCrypto {
  /** True when the id is the hash of the event and the signature is valid for it. */
  verifyEvent(event: NostrEvent): boolean;
  /** True when `sig` is the BIP-340 signature of the 32-byte hex `id` by `pubkey`. */
  verifySignature(id: string, pubkey: string, sig: string): boolean;
}

// ---------------------------------------------------------------- MLS

/** Ed25519 leaf signature key pair; `privateKey` in the MLS room's encoding. */
export interface SignatureKeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

export interface KeyPackageRequest {
  readonly account: PublicKey;
  readonly signatureKeyPair: SignatureKeyPair;
  /** The 104 bytes of component 0x8009 for that signature key. */
  readonly accountProof: Uint8Array;
  readonly lastResort: boolean;
  readonly notBefore: UnixSeconds;
  readonly notAfter: UnixSeconds;
}

/** A KeyPackage taken apart: facts only, no judgement about the profile. Bytes are copies. */
export interface KeyPackageFacts {
  readonly ref: KeyPackageRef;
  readonly protocolVersion: number;
  readonly ciphersuite: number;
  /** `basic` credential identity bytes, or undefined for another credential type. */
  readonly identity: Uint8Array | undefined;
  readonly signatureKey: Uint8Array;
  readonly capabilities: {
    readonly versions: readonly number[];
    readonly ciphersuites: readonly number[];
    readonly extensions: readonly number[];
    readonly proposals: readonly number[];
    readonly credentials: readonly number[];
  };
  /** undefined when the leaf source is not key_package. */
  readonly lifetime: { readonly notBefore: bigint; readonly notAfter: bigint } | undefined;
  readonly leafExtensions: readonly { readonly type: number; readonly data: Uint8Array }[];
  readonly keyPackageExtensions: readonly { readonly type: number; readonly data: Uint8Array }[];
  readonly leafSignatureValid: boolean;
  readonly keyPackageSignatureValid: boolean;
}

export interface Mls {
  newSignatureKeyPair(): SignatureKeyPair;
  /** A fresh KeyPackage exactly as protocol.md section 2 says, with its private half. */
  generateKeyPackage(request: KeyPackageRequest): PrivateKeyPackage;
  /**
   * Exact decoding of MLSMessage(mls_key_package), trailing bytes refused, signatures checked.
   * Throws DaemonError `malformed`.
   */
  readKeyPackage(message: Uint8Array): KeyPackageFacts;
}

// ---------------------------------------------------------------- relays

export interface Filter {
  readonly ids?: readonly string[];
  readonly authors?: readonly string[];
  readonly kinds?: readonly number[];
  readonly since?: number;
  readonly until?: number;
  readonly limit?: number;
  readonly [tag: `#${string}`]: readonly string[] | undefined;
}

/** What came of one EVENT. Only `OK true` is accepted; `duplicate:` counts (NIP-01). */
export type SendOutcome =
  | { readonly kind: 'accepted'; readonly duplicate: boolean }
  /** `prefix` is the NIP-01 machine-readable prefix: blocked, rate-limited, invalid, pow, error, auth-required, restricted, ... */
  | { readonly kind: 'rejected'; readonly prefix: string; readonly message: string }
  /** No answer: the event may be there. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Nothing left this machine: there was no connection. */
  | { readonly kind: 'not_sent'; readonly reason: string };

/** What a relay sent in answer that could not be taken; id and date as far as they can be told unread, and unproven. */
export interface SkippedEvent {
  readonly reason: 'too_large' | 'malformed' | 'not_utf8' | 'invalid' | 'not_asked';
  readonly id: EventId | undefined;
  readonly createdAt: UnixSeconds | undefined;
}

/** What one query may bring; each has a default. */
export interface FetchBounds {
  readonly events?: number;
  /** Of all frames together. */
  readonly bytes?: number;
  /** Of one frame: a larger event is skipped unread. */
  readonly eventBytes?: number;
}

/** `events` are verified, and in the order in which they came, each once. */
export interface Fetched {
  readonly events: readonly NostrEvent[];
  /** The length of the frame that each came in. */
  readonly sizes: ReadonlyMap<EventId, number>;
  readonly skipped: readonly SkippedEvent[];
}

export type FetchOutcome =
  /** Read to end-of-stored-events. */
  | ({ readonly kind: 'complete' } & Fetched)
  /** More came than may: the query was ended early. */
  | ({ readonly kind: 'overflow' } & Fetched)
  /** `partial`: what had come until then. */
  | { readonly kind: 'failed'; readonly reason: string; readonly partial?: Fetched };

export interface RelayState {
  readonly url: RelayUrl;
  readonly phase: 'connecting' | 'connected' | 'backing_off' | 'closed';
  /** NIP-42 */
  readonly auth: 'not_asked' | 'asked' | 'authenticated' | 'failed';
  readonly connectedAt: UnixSeconds | undefined;
  /** It has answered something on this connection: more than a socket that is open. */
  readonly answering: boolean;
  /** When the next connection attempt starts, while backing off. */
  readonly retryAt: UnixSeconds | undefined;
  readonly failures: number;
  /** Why the last connection or attempt ended. */
  readonly lastError: string | undefined;
  /** Local clock minus the relay's clock in seconds, where the handshake told (HTTP Date), else undefined. */
  readonly clockOffsetSec: number | undefined;
  /** Events refused for a bad id or signature since start. */
  readonly invalidEvents: number;
  /** Each standing subscription on this connection: not open, reading what is stored, or past it. */
  readonly subscriptions: ReadonlyMap<string, 'not_open' | 'reading' | 'caught_up'>;
  /** At least one is wanted here, and every one is past its stored events. */
  readonly caughtUp: boolean;
}

export interface Subscription {
  readonly name: string;
  /**
   * Called at every (re)opening, so that `since` is fresh. One, since some relays honour only the first or only the last of
   * a REQ. Undefined: not on this relay.
   */
  filter(relay: RelayUrl): Filter | undefined;
  /** Of one frame: a larger event is skipped unread; default 1 MiB. */
  readonly eventBytes?: number;
  /** A verified event that matches; may come more than once and from more than one relay. `bytes`: of its frame. */
  onEvent(event: NostrEvent, relay: RelayUrl, bytes: number): void;
  onSkipped?(skipped: SkippedEvent, relay: RelayUrl): void;
  /** End of stored events; `openedAt` is the local time the subscription was opened at. */
  onCaughtUp(relay: RelayUrl, openedAt: UnixSeconds): void;
}

export interface Relays {
  /** The relays to stay connected to from now on; others are closed. */
  use(urls: readonly RelayUrl[]): void;
  /** Standing subscription, opened on every relay in use now and later, reopened after reconnect and AUTH. */
  subscribe(subscription: Subscription): () => void;
  /** Closes and reopens a standing subscription everywhere, with fresh filters. */
  reopen(name: string): void;
  publish(relay: RelayUrl, event: NostrEvent): Promise<SendOutcome>;
  /** One query up to end-of-stored-events, bounded in time and in what it brings. One filter, as for subscriptions. */
  fetch(relay: RelayUrl, filter: Filter, bounds?: FetchBounds): Promise<FetchOutcome>;
  /** Ends every connection and makes new ones: after a sleep they may be dead, and clocks are compared anew. */
  reconnect(): void;
  states(): readonly RelayState[];
  /** Called after any state change. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

// ---------------------------------------------------------------- sealing at rest

/** Authenticated encryption under the one key that protects everything on disk. */
export interface Sealer {
  /** Public name of the key, 32 hex digits: tells a wrong key from damaged bytes. */
  readonly keyId: string;
  /** What opens again only with the same `context`, a table and key say: values cannot be swapped. */
  seal(plaintext: Uint8Array, context: string): Uint8Array;
  /** Undefined when damaged, or sealed by another key or for another context. */
  open(sealed: Uint8Array, context: string): Uint8Array | undefined;
}

// ---------------------------------------------------------------- store

/** One kind of record by key. Keys sort as strings; numbers are zero-padded by the store. */
export interface ReadTable<K, V> {
  get(key: K): Promise<V | undefined>;
  /** The same for many keys at once, in their order. */
  getMany(keys: readonly K[]): Promise<(V | undefined)[]>;
  /** All records, or those from `from` (inclusive) on, at most `limit`, in key order. */
  list(options?: { from?: K; limit?: number; reverse?: boolean }): Promise<V[]>;
  count(): Promise<number>;
}

export interface WriteTable<K, V> extends ReadTable<K, V> {
  put(key: K, value: V): void;
  delete(key: K): void;
}

export interface Tables {
  slots: [SlotId, SlotRecord];
  keyPackages: [KeyPackageRef, KeyPackageRecord];
  /** Packages whose private keys are gone: state `deleted`. */
  tombstones: [KeyPackageRef, KeyPackageRecord];
  privateKeyPackages: [KeyPackageRef, PrivateKeyPackage];
  outbox: [EventId, OutboxEntry];
  relayLists: [string, RelayListRecord];
  /** Gift wraps that are not done yet. */
  wraps: [EventId, PendingWrap];
  /** Ids of those that are. */
  seen: [EventId, SeenWrap];
  invitations: [EventId, InvitationRecord];
  senders: [PublicKey | 'all', SenderRecord];
  cursors: [RelayUrl, InboxCursor];
  notices: [number, Notice];
  meta: ['meta', Meta];
}

export type View = { readonly [T in keyof Tables]: ReadTable<Tables[T][0], Tables[T][1]> };
export type Transaction = { readonly [T in keyof Tables]: WriteTable<Tables[T][0], Tables[T][1]> };

/** The durable steps, by the names of ARCHITECTURE.md's table of commits. */
export type CommitName =
  | 'stage'
  | 'intent'
  | 'receipt'
  | 'keep_until'
  | 'erase'
  | 'receive'
  | 'open'
  | 'join'
  | 'settings'
  | 'relay_list'
  | 'sweep'
  | 'quarantine'
  | 'restore';

export interface Store {
  /** Reads from one consistent snapshot. */
  read<T>(reader: (view: View) => Promise<T>): Promise<T>;
  /**
   * One durable step: writers run one after another; everything written by `writer` becomes durable as one
   * fsynced batch before the promise resolves. If `writer` throws nothing is written. Reads inside see the
   * writes made so far.
   * Errors: `disk_full`, `store_unavailable`.
   */
  update<T>(commit: CommitName, writer: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Makes erased private keys unrecoverable from the files (commit C5). */
  compactPrivateKeys(): Promise<void>;
  close(): Promise<void>;
}

// ---------------------------------------------------------------- disk

export interface DiskFacts {
  /** For this user; both 0 where it cannot be told. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Why the state directory cannot be written, if so. */
  readonly trouble: string | undefined;
  /** The space set aside for a full disk was given up: what can wait is not stored. */
  readonly reserveGone?: boolean;
}

/** The disk that holds the state. */
export interface Disk {
  /** Figures at most half a minute old. Bounded; never fails: what goes wrong is the trouble. */
  look(): Promise<DiskFacts>;
}

// ---------------------------------------------------------------- supervisor

/** Whoever started this process and wants to know how it is. Telling never fails and keeps its order. */
export interface Supervisor {
  /** How it is told: by libc, by the program `systemd-notify`, or not at all. */
  readonly transport: 'native' | 'systemd-notify' | 'none';
  /** At work, as `status` says in one line. */
  ready(status: string): void;
  status(line: string): void;
  reloading(): void;
  reloaded(): void;
  /** The start or the stop under way takes this much longer. */
  needsAnother(ms: Milliseconds): void;
  /** The watchdog may wait for the next one. */
  alive(): void;
  /** Resolves once everything has been told. */
  stopping(): Promise<void>;
}

// ---------------------------------------------------------------- log

/** Structured log: one line per fact of the catalogue. Ids are shortened by the caller; secrets never get here. */
export interface Log {
  debug(event: LogEvent<'debug'>, fields?: LogFields): void;
  info(event: LogEvent<'info'>, fields?: LogFields): void;
  /** A person may need to look. */
  warn(event: LogEvent<'warn'>, fields?: LogFields): void;
  /** It will not mend itself. */
  error(event: LogEvent<'error'>, fields?: LogFields): void;
}
