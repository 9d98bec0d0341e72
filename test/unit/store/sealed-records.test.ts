import { MemoryLevel } from 'memory-level';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../../src/store/store.ts';
import { noticeOf, testSealer } from '../../support/state.ts';

const keys = ['notices!0000000000000001', 'notices!0000000000000002'] as const;

/** A store with two notices, and the database below it. */
async function createTampered() {
  const database = new MemoryLevel<string, Uint8Array>({ keyEncoding: 'utf8', valueEncoding: 'view' });
  const open = () => openStore({ location: database, sealer: testSealer() });
  const store = await open();
  await store.update('settings', async (tx) => {
    for (const seq of [1, 2]) tx.notices.put(seq, noticeOf(seq));
  });
  return { database, store, open };
}

describe('a record below the store', () => {
  it('shows nothing of its content', async () => {
    const { database } = await createTampered();
    for (const value of await database.values().all()) {
      expect(Buffer.from(value).includes('notice')).toBe(false);
    }
  });

  it('that was exchanged with another one is refused at the next read and the next start', async () => {
    const { database, store, open } = await createTampered();
    const [one, two] = await Promise.all(keys.map((key) => database.get(key)));
    await database.batch([
      { type: 'put', key: keys[0], value: two! },
      { type: 'put', key: keys[1], value: one! },
    ]);
    await expect(store.read((view) => view.notices.get(1))).rejects.toMatchObject({ code: 'store_damaged' });
    await expect(open()).rejects.toMatchObject({ code: 'store_damaged' });
  });

  it.each<[string, (database: MemoryLevel<string, Uint8Array>) => Promise<void>]>([
    ['removed', (database) => database.del(keys[0])],
    ['added', (database) => database.put('notices!0000000000000003', Uint8Array.of(1))],
    ['left without the manifest', (database) => database.del('!manifest')],
  ])('that was %s is noticed at the next start', async (_, tamper) => {
    const { database, open } = await createTampered();
    await tamper(database);
    await expect(open()).rejects.toMatchObject({ code: 'store_damaged' });
  });
});
