import { expect, test } from 'vitest';
import type { Store, View } from '../../../src/ports.ts';
import { gather } from '../../../src/scheduler/gather.ts';
import { createSession } from '../../../src/scheduler/session.ts';
import { createManualClock } from '../../support/clock.ts';
import { openMemoryStore } from '../../support/store.ts';
import { readInbox, wideDisk } from '../../support/world.ts';

test('a job that ends while the world is read still counts as under way: what it did may be missing from that world', async () => {
  const clock = createManualClock();
  const session = createSession(clock.now(), { states: () => [] });
  const store = await openMemoryStore();
  session.started('sign');
  const slow: Store = {
    ...store,
    read: (reader) =>
      store.read((view: View) => {
        session.ended('sign');
        return reader(view);
      }),
  };
  const world = await gather(
    { store: slow, disk: wideDisk, clock, bootstrap: [], inbox: () => readInbox },
    session,
  );
  expect(world.session.busy.has('sign')).toBe(true);
  await store.close();
});
