import type { DiskFacts } from '../ports.ts';

/** Frames of other programs may be in NIP-44's extended format; a Welcome that NIP-44 can carry makes 90 KB. */
export const MAX_WRAP_BYTES = 256 * 1024;

const MAX_PENDING_BYTES = 64 * 1024 * 1024;
const MAX_PENDING_COUNT = 20_000;
/** Of what is free, with what is kept already: the rest of the disk is somebody else's. */
const DISK_SHARE = 1 / 10;
/** Opened and not yet answered. */
export const MAX_INVITATIONS = 1_000;
/** Ids of what is done; beyond this the oldest go, and may be brought and opened again. */
export const MAX_SEEN = 1_000_000;

/** How much of something is kept. */
export interface Amount {
  readonly count: number;
  readonly bytes: number;
}

/**
 * What gift wraps and invitations that are not done yet may take up; on a full disk no more than they do, since the relays
 * have them.
 */
export function pendingLimit({ freeBytes, reserveGone = false }: DiskFacts, kept: Amount): Amount {
  if (reserveGone) return { count: MAX_PENDING_COUNT, bytes: 0 };
  const bytes = Math.min(MAX_PENDING_BYTES, Math.floor((freeBytes + kept.bytes) * DISK_SHARE));
  return { count: MAX_PENDING_COUNT, bytes };
}

/** True when this many bytes more fit. */
export const fits = (kept: Amount, limit: Amount, bytes: number): boolean =>
  kept.count < limit.count && kept.bytes + bytes <= limit.bytes;
