import { DaemonError } from '../errors.ts';
import type { Sealer, Store } from '../ports.ts';
import { secretTables } from '../tables.ts';
import type { Database, Write } from './database.ts';
import { rewriteTable } from './erasure.ts';
import { storeFailure } from './failures.ts';
import { manifestKey } from './keys.ts';
import { createLane } from './lane.ts';
import { encodeManifest, type Manifest, nextManifest } from './manifest.ts';
import { type Opened, openInDirectory, openInMemory } from './opening.ts';
import { createPending } from './pending.ts';
import { databaseSource } from './source.ts';
import type { StateDirectory } from './state-directory.ts';
import { createTransaction, createView } from './tables.ts';
import type { Change } from './tally.ts';

export interface StoreOptions {
  /** A locked state directory, or a database that lives in memory. */
  readonly location: Pick<StateDirectory, 'path'> | Database;
  readonly sealer: Sealer;
}

/**
 * Opens the store, or creates it, and finishes an erasure that was cut short. A reader or writer of it must not
 * wait for an `update` of its own. Errors: `store_damaged`, `seal_wrong_key`, `unsupported`, `disk_full`,
 * `store_unavailable`.
 */
export async function openStore({ location, sealer }: StoreOptions): Promise<Store> {
  const opened =
    'path' in location ? await openInDirectory(location.path, sealer) : await openInMemory(location, sealer);
  const store = createStore(opened, sealer);
  await store.compactPrivateKeys();
  return store;
}

function createStore({ database, witness, manifest: opened }: Opened, sealer: Sealer): Store {
  const inLane = createLane();
  const readers = new Set<Promise<unknown>>();
  let manifest = opened;
  let state: 'open' | 'failed' | 'closed' = 'open';

  /** What is durable after a failure is unknown, so that no more is written. */
  const durably = async (doing: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      state = 'failed';
      throw storeFailure(error, doing);
    }
  };

  /** One fsynced batch, then the witness. */
  const commit = async (next: Manifest, changes: readonly Change[]): Promise<void> => {
    const value = encodeManifest(next, sealer);
    await database.batch([...changes.map(toWrite), { type: 'put', key: manifestKey, value }], { sync: true });
    await witness?.record(next);
    manifest = next;
  };

  const read: Store['read'] = async (reader) => {
    if (state === 'closed') throw notOpen('closed');
    const snapshot = database.snapshot();
    const reading = reader(createView(databaseSource(database, sealer, snapshot), sealer));
    readers.add(reading);
    try {
      return await reading;
    } finally {
      readers.delete(reading);
      await snapshot.close();
    }
  };

  const update: Store['update'] = (name, writer) =>
    inLane(async () => {
      if (state !== 'open') throw notOpen(state);
      const pending = createPending(databaseSource(database, sealer));
      const result = await writer(createTransaction(pending, sealer));
      const changes = await pending.end();
      if (changes.length > 0) {
        await durably(`writing "${name}"`, () => commit(nextManifest(manifest, changes), changes));
      }
      return result;
    });

  /** A snapshot keeps what it sees in the files, so readers end first. */
  const compactPrivateKeys = (): Promise<void> =>
    inLane(async () => {
      if (state !== 'open') throw notOpen(state);
      if (!manifest.erasurePending) return;
      await Promise.allSettled(readers);
      await durably('erasing private keys', async () => {
        for (const table of secretTables) await rewriteTable(database, table);
        await commit({ ...manifest, sequence: manifest.sequence + 1, erasurePending: false }, []);
      });
    });

  const close = (): Promise<void> =>
    inLane(async () => {
      state = 'closed';
      await Promise.allSettled(readers);
      await database.close();
      await witness?.close();
    });

  return { read, update, compactPrivateKeys, close };
}

const toWrite = ({ key, after }: Change): Write =>
  after === undefined ? { type: 'del', key } : { type: 'put', key, value: after };

const notOpen = (state: 'failed' | 'closed'): DaemonError =>
  state === 'closed'
    ? new DaemonError('store_unavailable', 'the store is closed')
    : new DaemonError('store_unavailable', 'the store takes no more writes since one of them failed', {
        repair: 'restart dialogd, which checks the store before it goes on',
      });
