import { describe, expect, test } from 'vitest';
import type { EventId, RelayUrl, UnixSeconds } from '../../../src/ids.ts';
import { openedAs } from '../../../src/invitations/opened.ts';
import { fits, pendingLimit } from '../../../src/invitations/room.ts';
import { eventId, type Rumor } from '../../../src/protocol/nip01.ts';
import { buildWelcomeRumor } from '../../../src/protocol/welcome-rumor.ts';
import { createAccount } from '../../support/nostr.ts';
import { NOW } from '../../support/world.ts';

const { publicKey } = createAccount('sender');
const rumorOf = (kind: number, tags: readonly string[][] = []): Rumor => {
  const unsigned = { pubkey: publicKey, created_at: NOW as UnixSeconds, kind, tags, content: 'hi' };
  return { id: eventId(unsigned), ...unsigned };
};
const welcome = buildWelcomeRumor({
  author: publicKey,
  createdAt: NOW as UnixSeconds,
  message: Uint8Array.of(1, 2, 3),
  keyPackageEvent: '0'.repeat(64) as EventId,
  relays: ['ws://a.example/' as RelayUrl],
});

describe('what was inside a gift wrap', () => {
  test.each([
    ['an invitation', welcome, { kind: 'invitation' }],
    ['a message of NIP-17', rumorOf(14), { kind: 'direct_message' }],
    ['a file of NIP-17', rumorOf(15), { kind: 'direct_message' }],
    ['a reaction', rumorOf(7), { kind: 'direct_message' }],
    ['anything else', rumorOf(1), { kind: 'other' }],
    [
      'an invitation of an older program',
      rumorOf(444, [['encoding', 'base64']]),
      { kind: 'obsolete_profile' },
    ],
    [
      'an invitation that names no KeyPackage',
      rumorOf(444),
      { kind: 'broken', reason: 'event_reference_malformed' },
    ],
  ])('%s is named', (_, rumor, opened) => {
    expect(openedAs(rumor)).toEqual(opened);
  });
});

describe('room for pending gift wraps', () => {
  const MIB = 1024 * 1024;
  const disk = (freeBytes: number) => ({ freeBytes, totalBytes: 1e12, trouble: undefined });
  const kept = (bytes: number) => ({ count: 1, bytes });

  test('is 64 MiB where the disk is wide', () => {
    expect(pendingLimit(disk(1e12), kept(0)).bytes).toBe(64 * MIB);
  });

  test('is a tenth of what is free, and does not shrink by what it holds itself', () => {
    expect(pendingLimit(disk(30 * MIB), kept(0)).bytes).toBe(3 * MIB);
    expect(pendingLimit(disk(28 * MIB), kept(2 * MIB)).bytes).toBe(3 * MIB);
  });

  test('is none where the space set aside for a full disk was given up', () => {
    const { bytes } = pendingLimit({ ...disk(1e12), reserveGone: true }, kept(2 * MIB));
    expect(fits(kept(2 * MIB), { count: 10, bytes }, 1)).toBe(false);
  });

  test('is none where the disk is full', () => {
    expect(fits(kept(0), pendingLimit(disk(0), kept(0)), 1)).toBe(false);
  });

  test('ends with the number as well as with the bytes', () => {
    const limit = { count: 2, bytes: 100 };
    expect(fits({ count: 1, bytes: 50 }, limit, 50)).toBe(true);
    expect(fits({ count: 1, bytes: 50 }, limit, 51)).toBe(false);
    expect(fits({ count: 2, bytes: 50 }, limit, 1)).toBe(false);
  });
});
