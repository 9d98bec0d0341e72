import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RelayUrl } from '../../src/ids.ts';
import type { ReadTable, Store, WriteTable } from '../../src/ports.ts';
import type { InboxCursor, Notice } from '../../src/records.ts';
import {
  createDiskHome,
  createMemoryHome,
  type Home,
  noticeOf,
  privatePackageOf,
  refOf,
  testSealer,
} from '../support/state.ts';
import { at } from '../support/world.ts';

const cursor = (relay: string, readAt = 1): InboxCursor => ({
  relay: relay as RelayUrl,
  readAt: at(readAt),
  fullReadAt: at(readAt),
});

describe.each<[string, () => Promise<Home>]>([
  ['a store in memory', createMemoryHome],
  ['a store on disk', createDiskHome],
])('%s', (_, createHome) => {
  let home: Home;
  let store: Store;

  beforeEach(async () => {
    home = await createHome();
    store = await home.open();
  });
  afterEach(async () => {
    await store.close();
    await home.remove();
  });

  const putNotices = (...seqs: readonly number[]): Promise<void> =>
    store.update('settings', async (tx) => {
      for (const seq of seqs) tx.notices.put(seq, noticeOf(seq));
    });
  const seqs = async (table: ReadTable<number, Notice>, options = {}): Promise<number[]> =>
    (await table.list(options)).map(({ seq }) => seq);

  it('has what one update wrote after it was closed and opened again, bytes included', async () => {
    await store.update('stage', async (tx) => {
      tx.privateKeyPackages.put(refOf('a'), privatePackageOf('a'));
      tx.notices.put(1, noticeOf(1));
      tx.meta.put('meta', { generation: 3 });
    });
    await store.close();
    store = await home.open();
    await store.read(async (view) => {
      expect(await view.privateKeyPackages.get(refOf('a'))).toEqual(privatePackageOf('a'));
      expect(await view.notices.get(1)).toEqual(noticeOf(1));
      expect(await view.meta.get('meta')).toEqual({ generation: 3 });
      expect(await view.slots.list()).toEqual([]);
    });
  });

  it('opens again with thousands of records, flushed and compacted as they may be', async () => {
    const count = 3000;
    for (let round = 0; round < 3; round++) {
      await putNotices(...Array.from({ length: count }, (_, i) => i + round * 1000));
      await store.close();
      store = await home.open();
    }
    const found = await store.read((view) => seqs(view.notices));
    expect(found).toEqual(Array.from({ length: count + 2000 }, (_, i) => i));
  });

  it('gives back what the writer returns', async () => {
    expect(await store.update('settings', async () => 'result')).toBe('result');
  });

  it('writes nothing when the writer throws, and goes on to work', async () => {
    const failing = store.update('stage', async (tx) => {
      tx.notices.put(1, noticeOf(1));
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow(RangeError);
    await putNotices(2);
    expect(await store.read((view) => seqs(view.notices))).toEqual([2]);
  });

  it('shows a writer its own writes and nobody else until they are durable', async () => {
    await putNotices(1, 2, 3);
    await store.update('settings', async (tx) => {
      tx.notices.delete(2);
      tx.notices.put(4, noticeOf(4));
      tx.notices.put(1, noticeOf(1));
      expect(await tx.notices.get(2)).toBeUndefined();
      expect(await tx.notices.get(4)).toEqual(noticeOf(4));
      expect(await tx.notices.count()).toBe(3);
      expect(await seqs(tx.notices)).toEqual([1, 3, 4]);
      expect(await seqs(tx.notices, { reverse: true, limit: 2 })).toEqual([4, 3]);
      expect(await store.read((view) => seqs(view.notices))).toEqual([1, 2, 3]);
    });
    expect(await store.read((view) => seqs(view.notices))).toEqual([1, 3, 4]);
  });

  it('shows a reader one moment, whatever is written meanwhile', async () => {
    await putNotices(1);
    await store.read(async (view) => {
      expect(await view.notices.count()).toBe(1);
      await putNotices(2);
      expect(await seqs(view.notices)).toEqual([1]);
      expect(await view.notices.get(2)).toBeUndefined();
      expect(await view.notices.count()).toBe(1);
    });
    expect(await store.read((view) => view.notices.count())).toBe(2);
  });

  it('runs updates one after another, in the order they came', async () => {
    const increments = Array.from({ length: 20 }, () =>
      store.update('settings', async (tx) => {
        const { generation } = (await tx.meta.get('meta')) ?? { generation: 0 };
        tx.meta.put('meta', { generation: generation + 1 });
        return generation;
      }),
    );
    expect(await Promise.all(increments)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('lists numbers in numeric order, from a key on, forward and backward', async () => {
    await putNotices(100, 9, 10, 1);
    await store.read(async ({ notices }) => {
      expect(await seqs(notices)).toEqual([1, 9, 10, 100]);
      expect(await seqs(notices, { from: 9, limit: 2 })).toEqual([9, 10]);
      expect(await seqs(notices, { from: 11 })).toEqual([100]);
      expect(await seqs(notices, { from: 10, reverse: true })).toEqual([10, 9, 1]);
    });
  });

  it('keeps its tables apart', async () => {
    await store.update('receive', async (tx) => {
      tx.notices.put(1, noticeOf(1));
      tx.cursors.put('wss://a.example/' as RelayUrl, cursor('wss://a.example/'));
    });
    const counts = await store.read(({ notices, cursors, outbox }) =>
      Promise.all([notices, cursors, outbox].map((table) => table.count())),
    );
    expect(counts).toEqual([1, 1, 0]);
  });

  it('agrees with a plain map on every read, in and after random updates', async () => {
    const key = fc.constantFrom(
      ...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `wss://${name}/` as RelayUrl),
    );
    const change = fc.record({ key, value: fc.option(fc.nat(1000), { nil: undefined }) });
    const query = fc.record(
      { from: key, limit: fc.integer({ min: 1, max: 4 }), reverse: fc.boolean() },
      { requiredKeys: [] },
    );
    const model = new Map<RelayUrl, InboxCursor>();

    const expectAgreement = async (
      table: ReadTable<RelayUrl, InboxCursor>,
      asked: { from?: RelayUrl; limit?: number; reverse?: boolean },
    ): Promise<void> => {
      const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
      if (asked.reverse) sorted.reverse();
      const { from } = asked;
      const rest = sorted.filter(([k]) => from === undefined || (asked.reverse ? k <= from : k >= from));
      const expected = rest.slice(0, asked.limit).map(([, value]) => value);
      expect(await table.list(asked)).toEqual(expected);
      expect(await table.count()).toBe(model.size);
    };
    const apply = (
      table: WriteTable<RelayUrl, InboxCursor>,
      { key: relay, value }: { key: RelayUrl; value: number | undefined },
    ): void => {
      if (value === undefined) {
        table.delete(relay);
        model.delete(relay);
      } else {
        table.put(relay, cursor(relay, value));
        model.set(relay, cursor(relay, value));
      }
    };
    const updates = fc.array(fc.record({ changes: fc.array(change, { maxLength: 6 }), query }), {
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(updates, async (steps) => {
        for (const step of steps) {
          await store.update('settings', async (tx) => {
            for (const one of step.changes) apply(tx.cursors, one);
            await expectAgreement(tx.cursors, step.query);
          });
          await store.read((view) => expectAgreement(view.cursors, step.query));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('refuses a write of a transaction that has ended', async () => {
    const leaked = await store.update('settings', async (tx) => tx);
    expect(() => leaked.notices.put(1, noticeOf(1))).toThrow('has ended');
  });

  it('refuses everything once it is closed', async () => {
    await store.close();
    await expect(putNotices(1)).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(store.read((view) => view.notices.count())).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });

  it('finishes what was begun before it closes', async () => {
    const writing = putNotices(1);
    await store.close();
    await writing;
    store = await home.open();
    expect(await store.read((view) => view.notices.count())).toBe(1);
  });

  it('refuses the wrong seal key, and opens with the right one afterwards', async () => {
    await putNotices(1);
    await store.close();
    await expect(home.open(testSealer('another'))).rejects.toMatchObject({ code: 'seal_wrong_key' });
    store = await home.open();
    expect(await store.read((view) => view.notices.get(1))).toEqual(noticeOf(1));
  });

  it('keeps the other private keys when it makes erased ones unrecoverable', async () => {
    await store.update('stage', async (tx) => {
      for (const name of ['a', 'b']) tx.privateKeyPackages.put(refOf(name), privatePackageOf(name));
    });
    await store.update('erase', async (tx) => tx.privateKeyPackages.delete(refOf('a')));
    await store.compactPrivateKeys();
    expect(await store.read((view) => view.privateKeyPackages.list())).toEqual([privatePackageOf('b')]);
  });
});
