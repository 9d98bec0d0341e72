import { DaemonError } from '../errors.ts';
import type { CommitName, Sealer, Store } from '../ports.ts';
import { secretTables } from '../tables.ts';
import type { Database, Write } from './database.ts';
import { rewriteTable } from './erasure.ts';
import { storeFailure } from './failures.ts';
import { manifestKey } from './keys.ts';
import { createLane } from './lane.ts';
import { encodeManifest, erases, type Manifest, nextManifest } from './manifest.ts';
import { type Opened, openInDirectory, openInMemory } from './opening.ts';
import { createPending, type Pending } from './pending.ts';
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

/** Written by the steps of one commit; beyond this the next ones wait for another. */
const MAX_SHARED_BYTES = 8 * 1024 * 1024;

function createStore({ database, witness, manifest: opened }: Opened, sealer: Sealer): Store {
  const readers = new Set<Promise<unknown>>();
  /** What the steps of the next commit have written so far, and who they are. */
  let shared: { readonly pending: Pending; readonly names: Set<CommitName>; bytes: number } | undefined;
  /** Commits that erased something. */
  let erasures = 0;
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

  const commitShared = async (): Promise<void> => {
    if (shared === undefined) return;
    const { pending, names } = shared;
    shared = undefined;
    const changes = await pending.end();
    if (changes.length === 0) return;
    const next = nextManifest(manifest, changes);
    await durably(`writing "${[...names].join('", "')}"`, () => commit(next, changes));
    // After it is durable: a reader that began before then holds what was erased.
    if (erases(changes)) erasures += 1;
  };
  const lane = createLane(commitShared, () => (shared?.bytes ?? 0) > MAX_SHARED_BYTES);

  const update: Store['update'] = (name, writer) =>
    lane.share(async () => {
      if (state !== 'open') throw notOpen(state);
      shared ??= { pending: createPending(databaseSource(database, sealer)), names: new Set(), bytes: 0 };
      const { pending, names } = shared;
      const own = createPending(pending.source);
      const result = await writer(createTransaction(own, sealer));
      for (const [key, after] of own.written()) {
        if (after === undefined) pending.delete(key);
        else pending.put(key, after);
        shared.bytes += after?.length ?? 0;
        names.add(name);
      }
      return result;
    });

  /**
   * A snapshot keeps what it sees in the files, so readers that began before an erasure end first. Nobody waits for them
   * meanwhile but the files: what is erased while they read is done in the next round.
   */
  const compactPrivateKeys = async (): Promise<void> => {
    while (state === 'open' && manifest.erasurePending) {
      const before = erasures;
      await Promise.allSettled(readers);
      await lane.alone(async () => {
        if (state !== 'open') throw notOpen(state);
        await durably('erasing private keys', async () => {
          for (const table of secretTables) await rewriteTable(database, table);
          const erasurePending = erasures !== before;
          await commit({ ...manifest, sequence: manifest.sequence + 1, erasurePending }, []);
        });
      });
    }
    if (state !== 'open') throw notOpen(state);
  };

  const close = (): Promise<void> =>
    lane.alone(async () => {
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
