import { afterEach, beforeEach, expect, test } from 'vitest';
import { plus, type SlotId, type UnixSeconds, unixSeconds } from '../../../src/ids.ts';
import type { Store } from '../../../src/ports.ts';
import type { NostrEvent } from '../../../src/records.ts';
import { meetForeign } from '../../../src/scheduler/foreign.ts';
import { createRecordingLog } from '../../support/log.ts';
import { createAccount } from '../../support/nostr.ts';
import { openMemoryStore } from '../../support/store.ts';
import { RELAY_A } from '../../support/world.ts';

const SLOT = 'a'.repeat(64) as SlotId;
const RENEWED_AT = unixSeconds(1_800_000_000);
const NOW = plus(RENEWED_AT, 60);

let store: Store;
beforeEach(async () => {
  store = await openMemoryStore();
  await store.update('stage', async (tx) =>
    tx.slots.put(SLOT, { slot: SLOT, kind: 'standard', lastCreatedAt: RENEWED_AT }),
  );
});
afterEach(() => store.close());

const eventAt = (created_at: UnixSeconds): NostrEvent =>
  createAccount('copied').sign({ kind: 30443, created_at, tags: [['d', SLOT]], content: 'of another copy' });

const meet = (event: NostrEvent, now = NOW): Promise<number> =>
  store.update('receipt', (tx) => meetForeign({ log: createRecordingLog() }, tx, RELAY_A, [event], now));

const lastCreatedAt = () => store.read(async (view) => (await view.slots.get(SLOT))?.lastCreatedAt);
const notices = () => store.read((view) => view.notices.count());

test('two copies that renew in the same second do not take the package of one for that of both', async () => {
  expect(await meet(eventAt(RENEWED_AT))).toBe(1);
  expect(await lastCreatedAt()).toBeGreaterThan(RENEWED_AT);
});

test('a package of another copy is told once, however often it is seen', async () => {
  const event = eventAt(plus(RENEWED_AT, 30));
  for (let looks = 0; looks < 3; looks++) expect(await meet(event)).toBe(1);
  expect(await notices()).toBe(1);
  expect(await lastCreatedAt()).toBe(plus(RENEWED_AT, 31));
});

test('one of our own whose tombstone was swept long ago is none of another copy', async () => {
  expect(await meet(eventAt(RENEWED_AT), plus(RENEWED_AT, 400 * 86_400))).toBe(0);
  expect(await lastCreatedAt()).toBe(RENEWED_AT);
});
