import type { PublicKey } from '../ids.ts';
import type { Store } from '../ports.ts';
import { readMeta } from '../scheduler/gather.ts';
import { tableNames } from '../tables.ts';
import { removeSome } from './every-record.ts';

/**
 * Empties a store that no account was bound to: what a restore or `init` that did not come to its end has left would
 * be taken for the account's own. Returns the account of one that is bound, and leaves that alone.
 */
export async function clearUnbound(store: Store): Promise<PublicKey | undefined> {
  const { account } = await store.read(readMeta);
  if (account !== undefined) return account;
  for (const table of tableNames) {
    while (await store.update('restore', (tx) => removeSome(tx, table)));
  }
  await store.compactPrivateKeys();
  return undefined;
}
