/**
 * Branded scalars: values that share a representation but must never be swapped (rule 8).
 * Hex is always lowercase. Instants are whole Unix seconds.
 */
declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** x-only secp256k1 public key of a Nostr account, 64 hex digits (NIP-01). */
export type PublicKey = Brand<string, 'PublicKey'>;
/** NIP-01 event id, 64 hex digits. */
export type EventId = Brand<string, 'EventId'>;
/** KeyPackageRef over the inner KeyPackage (RFC 9420 section 5.2), 64 hex digits. */
export type KeyPackageRef = Brand<string, 'KeyPackageRef'>;
/** Slot id: the `d` tag of a kind 30443 event, 64 hex digits (protocol.md section 3). */
export type SlotId = Brand<string, 'SlotId'>;
/** Normalised `wss:` or `ws:` URL of a relay. */
export type RelayUrl = Brand<string, 'RelayUrl'>;

/** An instant, in whole Unix seconds. */
export type UnixSeconds = Brand<number, 'UnixSeconds'>;
/** A length of time in seconds. */
export type Seconds = Brand<number, 'Seconds'>;
/** A length of time in milliseconds; lives only near timers. */
export type Milliseconds = Brand<number, 'Milliseconds'>;

export const unixSeconds = (value: number): UnixSeconds => Math.floor(value) as UnixSeconds;
export const milliseconds = (value: number): Milliseconds => value as Milliseconds;

/** `at` moved by `by` seconds. */
export const plus = (at: UnixSeconds, by: number): UnixSeconds => (at + by) as UnixSeconds;

/** First 8 hex digits: the only form in which an id appears in a log line. */
export const short = (id: string): string => id.slice(0, 8);

/** What a relay URL looks like to a person who types one; protocol/relay-url.ts is the judge. */
export const RELAY_URL_SHAPE = /^wss?:\/\/[^/@#\s]+(\/[^#\s]*)?$/;
