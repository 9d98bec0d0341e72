import { DaemonError } from '../errors.ts';
import type { RelayUrl, UnixSeconds } from '../ids.ts';
import type { Delivery, EraseCause, KeyPackageRecord, KeyPackageState, OutboxEntry } from '../records.ts';

/** Legal moves of one KeyPackage (ARCHITECTURE.md, "States of one KeyPackage"). */
const MOVES: Readonly<Record<KeyPackageState, readonly KeyPackageState[]>> = {
  generated: ['published', 'expired', 'revoked'],
  published: ['confirmed', 'used', 'expired', 'revoked'],
  confirmed: ['retired', 'used', 'expired', 'revoked'],
  retired: ['used', 'deleted', 'expired', 'revoked'],
  used: ['deleted'],
  expired: ['deleted'],
  revoked: ['deleted'],
  deleted: [],
};

export const mayMove = (from: KeyPackageState, to: KeyPackageState): boolean => MOVES[from].includes(to);

function move(record: KeyPackageRecord, to: KeyPackageState): KeyPackageRecord {
  if (!mayMove(record.state, to)) {
    throw new DaemonError('internal', `a KeyPackage cannot go from ${record.state} to ${to}`);
  }
  return { ...record, state: to };
}

/** C2: the event may leave this machine from now on. */
export const published = (record: KeyPackageRecord, now: UnixSeconds): KeyPackageRecord =>
  record.state === 'generated' ? { ...move(record, 'published'), publishedAt: now } : record;

/** C3: a relay holds the event. */
export const confirmed = (record: KeyPackageRecord, now: UnixSeconds): KeyPackageRecord =>
  record.state === 'published' ? { ...move(record, 'confirmed'), confirmedAt: now } : record;

/** C3: a newer package of the slot was confirmed. */
export const retired = (record: KeyPackageRecord, now: UnixSeconds): KeyPackageRecord =>
  record.state === 'confirmed' ? { ...move(record, 'retired'), retiredAt: now } : record;

/** C4: the private keys go at `at`. */
export const keptUntil = (record: KeyPackageRecord, at: UnixSeconds): KeyPackageRecord => ({
  ...record,
  keepUntil: at,
});

/** C5: the tombstone that stays when the private keys are gone. */
export function tombstone(record: KeyPackageRecord, cause: EraseCause, now: UnixSeconds): KeyPackageRecord {
  const ended =
    cause === 'expired' && record.state !== 'expired' && mayMove(record.state, 'expired')
      ? move(record, 'expired')
      : record;
  return { ...move(ended, 'deleted'), erased: { at: now, cause } };
}

/** First retry after half a minute, doubling to an hour (seconds). */
const FIRST_RETRY_SEC = 30;
export const MAX_RETRY_SEC = 3_600;

/** Delay before attempt `attempts + 1`, in whole seconds; `fraction` in [0, 1) spreads it by a fifth. */
export function retryDelaySec(attempts: number, fraction: number): number {
  const base = Math.min(MAX_RETRY_SEC, FIRST_RETRY_SEC * 2 ** Math.max(0, attempts - 1));
  return Math.round(base * (0.8 + 0.2 * fraction));
}

export function withDelivery(entry: OutboxEntry, relay: RelayUrl, delivery: Delivery): OutboxEntry {
  return { ...entry, deliveries: { ...entry.deliveries, [relay]: delivery } };
}

/** The relays that hold the event or may hold it. */
export function possibleHolders(entry: OutboxEntry | undefined): RelayUrl[] {
  if (entry === undefined) return [];
  return (Object.entries(entry.deliveries) as [RelayUrl, Delivery][])
    .filter(([, delivery]) => delivery.mayHold)
    .map(([relay]) => relay);
}
