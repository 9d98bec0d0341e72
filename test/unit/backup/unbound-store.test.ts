import { afterEach, beforeEach, expect, test } from 'vitest';
import { clearUnbound } from '../../../src/backup/unbound-store.ts';
import type { Store } from '../../../src/ports.ts';
import { createAccount } from '../../support/nostr.ts';
import { noticeOf, privatePackageOf, refOf } from '../../support/state.ts';
import { openMemoryStore } from '../../support/store.ts';

const account = createAccount('bound').publicKey;

let store: Store;
beforeEach(async () => {
  store = await openMemoryStore();
  await store.update('restore', async (tx) => {
    for (let seq = 1; seq <= 20; seq++) tx.notices.put(seq, noticeOf(seq));
    tx.privateKeyPackages.put(refOf('one'), privatePackageOf('one'));
  });
});
afterEach(() => store.close());

const left = () =>
  store.read(async (view) => [await view.notices.count(), await view.privateKeyPackages.count()]);

test('what an unfinished restore left in a store is not taken for that of the next account', async () => {
  expect(await clearUnbound(store)).toBeUndefined();
  expect(await left()).toEqual([0, 0]);
});

test('a store that is bound to an account is left as it is, and says whose it is', async () => {
  await store.update('settings', async (tx) => tx.meta.put('meta', { generation: 1, account }));
  expect(await clearUnbound(store)).toBe(account);
  expect(await left()).toEqual([20, 1]);
});
