/**
 * A process that writes to the store in the state directory named on its command line until it is killed, and
 * tells on standard output what is durable: the number of the notice, one a line.
 */
import { writeSync } from 'node:fs';
import { noticeOf, openStoreIn, privatePackageOf, refOf } from './state.ts';

const COMMITS_PER_OPENING = 7;
const stateDir = process.argv[2] as string;

for (;;) {
  const store = await openStoreIn(stateDir);
  const [last] = await store.read((view) => view.notices.list({ reverse: true, limit: 1 }));
  const first = (last?.seq ?? 0) + 1;
  for (let seq = first; seq < first + COMMITS_PER_OPENING; seq++) {
    await store.update('stage', async (tx) => {
      tx.notices.put(seq, noticeOf(seq));
      tx.privateKeyPackages.put(refOf(`${seq}`), privatePackageOf(`${seq}`));
      tx.privateKeyPackages.delete(refOf(`${seq - 2}`));
    });
    writeSync(1, `${seq}\n`);
  }
  await store.compactPrivateKeys();
  await store.close();
}
