/** Writers that wait for each other: what they pay together, and what stays apart. */
import { MemoryLevel } from 'memory-level';
import { expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { noticeOf, privatePackageOf, refOf, testSealer } from '../support/state.ts';

async function countedStore() {
  const database = new MemoryLevel<string, Uint8Array>({ keyEncoding: 'utf8', valueEncoding: 'view' });
  const batch = database.batch.bind(database) as (...args: unknown[]) => Promise<void>;
  let batches = 0;
  Object.assign(database, {
    batch: (...args: unknown[]) => {
      batches += 1;
      return batch(...args);
    },
  });
  const store = await openStore({ location: database, sealer: testSealer() });
  onTestFinished(() => store.close());
  const opened = batches;
  return { store, batches: () => batches - opened };
}

test('a burst of writers is written in a few batches, and each sees what those before it wrote', async () => {
  const { store, batches } = await countedStore();
  const seen = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      store.update('settings', async (tx) => {
        tx.notices.put(i + 1, noticeOf(i + 1));
        return tx.notices.count();
      }),
    ),
  );
  expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  expect(batches()).toBeLessThanOrEqual(2);
  expect(await store.read((view) => view.notices.count())).toBe(100);
});

test('a writer that throws among others is left out whole, and they are not', async () => {
  const { store } = await countedStore();
  const write = (seq: number, fails = false) =>
    store.update('settings', async (tx) => {
      tx.notices.put(seq, noticeOf(seq));
      if (seq > 1) tx.notices.delete(seq - 1);
      if (fails) throw new Error('refused');
    });
  const outcomes = await Promise.allSettled([write(1), write(2, true), write(5)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect((await store.read((view) => view.notices.list())).map(({ seq }) => seq)).toEqual([1, 5]);
});

test('a reader that takes its time while something erased waits to be compacted stops no writer', async () => {
  const { store } = await countedStore();
  await store.update('stage', async (tx) => {
    tx.privateKeyPackages.put(refOf('a'), privatePackageOf('a'));
    tx.privateKeyPackages.put(refOf('b'), privatePackageOf('b'));
  });
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const reading = store.read(async (view) => {
    await view.notices.count();
    await held;
  });
  await store.update('erase', async (tx) => tx.privateKeyPackages.delete(refOf('a')));
  let compacted = false;
  const compacting = store.compactPrivateKeys().then(() => {
    compacted = true;
  });
  await store.update('settings', async (tx) => tx.notices.put(1, noticeOf(1)));
  await store.update('erase', async (tx) => tx.privateKeyPackages.delete(refOf('b')));
  expect(compacted).toBe(false);
  release();
  await Promise.all([reading, compacting]);
  expect(await store.read((view) => view.notices.count())).toBe(1);
});
