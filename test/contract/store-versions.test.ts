/** What an earlier dialogd has left: test/vectors/store-0.1.0 was written by version 0.1.0. */
import { chmod, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Store } from '../../src/ports.ts';
import { recordFromJson } from '../../src/store/record-codec.ts';
import type { RecordOf, TableName } from '../../src/tables.ts';
import { everything } from '../support/backup.ts';
import { noticeOf, openStoreIn } from '../support/state.ts';

const VECTOR = join(import.meta.dirname, '../vectors/store-0.1.0');
const written = recordFromJson<{ [T in TableName]: RecordOf<T>[] }>(
  await readFile(join(VECTOR, 'records.json'), 'utf8'),
);

async function openOld(): Promise<{ store: Store; stateDir: string }> {
  const home = await mkdtemp(join(tmpdir(), 'dialogd-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const stateDir = join(home, 'state');
  await cp(join(VECTOR, 'state'), stateDir, { recursive: true, mode: 0 });
  // A checkout keeps no modes but the executable one.
  await chmod(stateDir, 0o700);
  return { store: await openStoreIn(stateDir), stateDir };
}

test('a store of version 0.1.0 opens with every record it had, and goes on', async () => {
  const { store, stateDir } = await openOld();
  const { wraps, seen, invitations, senders, ...others } = await store.read(everything);
  const { wraps: oldWraps, ...before } = written;
  expect(others).toEqual(before);
  expect([seen, invitations, senders]).toEqual([[], [], []]);
  // Of a gift wrap the state went and its size came.
  expect(wraps).toEqual(
    oldWraps.map(({ id, receivedAt, relay, event }) => ({
      ...{ id, receivedAt, relay, event },
      bytes: JSON.stringify(event).length,
    })),
  );

  const keys = await store.read((view) => view.privateKeyPackages.list({ limit: 1 }));
  await store.update('erase', async (tx) => {
    tx.privateKeyPackages.delete(keys[0]!.ref);
    tx.notices.put(4, noticeOf(4));
  });
  await store.compactPrivateKeys();
  await store.close();
  const again = await openStoreIn(stateDir);
  expect(await again.read((view) => view.notices.count())).toBe(4);
  expect(await again.read((view) => view.privateKeyPackages.count())).toBe(2);
  await again.close();
});
