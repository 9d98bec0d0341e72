import { quarantined } from '../keypackages/quarantine.ts';
import { addNotice } from '../notices.ts';
import type { EngineDeps } from './deps.ts';
import { readMeta } from './gather.ts';
import type { SessionState } from './session.ts';

/** C8: every package of the store may be in use elsewhere; the slots are filled anew. */
export async function quarantine(
  { store, clock, log }: Pick<EngineDeps, 'store' | 'clock' | 'log'>,
  session: Pick<SessionState, 'quarantined'>,
): Promise<void> {
  const generation = await store.update('quarantine', async (tx) => {
    const meta = quarantined(await readMeta(tx));
    tx.meta.put('meta', meta);
    await addNotice(tx, clock.now(), {
      code: 'pool_quarantined',
      severity: 'error',
      message:
        "another copy of this account's state is or was in use: every KeyPackage is replaced, once; stop one of them",
      data: { generation: meta.generation },
    });
    return meta.generation;
  });
  session.quarantined();
  log.error('pool_quarantined', {
    generation,
    repair: "stop the other copy of this account's state",
  });
}
