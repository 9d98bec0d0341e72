import { type KeyPackageRef, short, type UnixSeconds } from '../ids.ts';
import { keptUntil, tombstone } from '../keypackages/record.ts';
import { addNotice } from '../notices.ts';
import type { EraseCause } from '../records.ts';
import type { EngineDeps } from './deps.ts';

type Deps = Pick<EngineDeps, 'store' | 'clock' | 'log'>;

/** C4: fixes when the private keys of a retired or used package go. */
export async function keepUntil({ store }: Deps, ref: KeyPackageRef, at: UnixSeconds): Promise<void> {
  await store.update('keep_until', async (tx) => {
    const record = await tx.keyPackages.get(ref);
    if (record !== undefined) tx.keyPackages.put(ref, keptUntil(record, at));
  });
}

/** C5: the private keys go; a tombstone explains late Welcomes. Compaction is the caller's next step. */
export async function erase(
  { store, clock, log }: Deps,
  ref: KeyPackageRef,
  cause: EraseCause,
): Promise<void> {
  await store.update('erase', async (tx) => {
    const record = await tx.keyPackages.get(ref);
    if (record === undefined) return;
    const now = clock.now();
    tx.privateKeyPackages.delete(ref);
    tx.keyPackages.delete(ref);
    tx.outbox.delete(record.eventId);
    tx.tombstones.put(ref, tombstone(record, cause, now));
    await addNotice(tx, now, {
      code: 'key_package_erased',
      severity: 'info',
      message: `private keys of KeyPackage ${short(ref)} erased: ${cause}`,
      data: { ref, slot: record.slot, cause },
    });
  });
  log.debug('key_package_erased', { ref: short(ref), cause });
}
