import { systemRandom } from '../../src/daemon/system.ts';
import { type AccountKey, createAccount } from '../../src/identity/account.ts';
import { resolveSeal } from '../../src/identity/seal-source.ts';
import type { UnixSeconds } from '../../src/ids.ts';
import type { Store } from '../../src/ports.ts';
import { openStateDirectory } from '../../src/store/state-directory.ts';
import { openStore } from '../../src/store/store.ts';
import type { TestAccount } from './nostr.ts';

/** A state directory as `dialogctl init` leaves it, sealed by a key file. */
export async function makeState(
  stateDir: string,
  account: TestAccount,
  now: UnixSeconds,
  parts: { readonly key?: AccountKey; fill?(store: Store): Promise<unknown> } = {},
): Promise<void> {
  const directory = await openStateDirectory({ path: stateDir, now });
  const { sealer } = await resolveSeal({ stateDir, credential: 'none', random: systemRandom });
  if (parts.fill !== undefined) {
    const store = await openStore({ location: directory, sealer });
    await parts.fill(store);
    await store.close();
  }
  const sealed: AccountKey = { kind: 'sealed', secretKey: Uint8Array.from(account.secretKey) };
  await createAccount({ stateDir, sealer }, parts.key ?? sealed, now);
  await directory.close();
}
