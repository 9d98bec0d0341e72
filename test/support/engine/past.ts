import type { EventId, KeyPackageRef } from '../../../src/ids.ts';
import { quarantined } from '../../../src/keypackages/quarantine.ts';
import type { Store, Tables, WriteTable } from '../../../src/ports.ts';
import { readMeta } from '../../../src/scheduler/gather.ts';
import { tables as rows } from '../../../src/tables.ts';
import { everything } from '../backup.ts';
import { isKeyPackage } from '../key-package-events.ts';
import { openMemoryStore } from '../store.ts';
import type { RelayWorld } from './simulated-relays.ts';

/** How a copy of the store comes back: marked, out of a backup, or with nobody the wiser. */
export type Return = 'restored' | 'put_back';

/** What had happened when a copy of the store came back. */
export interface Past {
  /** Events that the copy knows nothing of. */
  readonly foreign: ReadonlySet<EventId>;
  /** Packages that were in the copy. */
  readonly copied: ReadonlySet<KeyPackageRef>;
  /** Events that had reached a relay. */
  readonly received: number;
}

export const noPast: Past = { foreign: new Set(), copied: new Set(), received: 0 };

export async function copyOf(store: Store): Promise<Store> {
  const copy = await openMemoryStore();
  const tables = await store.read(everything);
  await copy.update('restore', async (tx) => {
    for (const [name, records] of Object.entries(tables)) {
      const table = name as keyof Tables;
      for (const record of records) {
        (tx[table] as WriteTable<never, never>).put(
          rows[table].key(record as never) as never,
          record as never,
        );
      }
    }
  });
  return copy;
}

/** The copy takes the place of the store: what became of the account meanwhile is its past. */
export async function comeBack(copy: Store, relays: RelayWorld, as: Return): Promise<Past> {
  if (as === 'restored') {
    await copy.update('restore', async (tx) => tx.meta.put('meta', quarantined(await readMeta(tx))));
  }
  const known = await copy.read(async (view) => [
    ...(await view.keyPackages.list()),
    ...(await view.tombstones.list()),
  ]);
  const made = new Set(known.map(({ eventId }) => eventId));
  const arrived = relays.received.map(({ event }) => event).filter(isKeyPackage);
  return {
    foreign: new Set(arrived.map(({ id }) => id).filter((id) => !made.has(id))),
    copied: new Set(known.map(({ ref }) => ref)),
    received: relays.received.length,
  };
}
