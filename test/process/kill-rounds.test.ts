import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { NostrEvent } from '../../src/records.ts';
import { isKeyPackage, signedTwice, slotOf, withoutKeys } from '../support/key-package-events.ts';
import {
  connectTo,
  createInstallation,
  type Installation,
  initialise,
  startDaemonProcess,
  untilWhole,
} from '../support/program.ts';
import { createSeededRandom, drawBelow } from '../support/random.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';
import { SOAK, seedsOf } from '../support/soak.ts';

const LANES = 4;
const ROUNDS_PER_LANE = SOAK ? 50 : 5;
const [SEED] = seedsOf(1_000, 1);

/** Starts the daemon, asks for a refresh as soon as it listens, and kills it a moment later, wherever it is. */
async function killedRound(installation: Installation, afterMs: number): Promise<void> {
  const daemon = startDaemonProcess(installation);
  await connectTo(installation)
    .then(async (client) => {
      await client.call('keyPackages.refresh', {});
      return delay(afterMs);
    })
    .catch(() => undefined);
  await daemon.kill('SIGKILL');
}

async function examine(installation: Installation, relay: TestRelay, everSeen: readonly NostrEvent[]) {
  const daemon = startDaemonProcess(installation);
  const client = await connectTo(installation);
  await untilWhole(client);
  const { packages } = await client.call('keyPackages.list', {});
  client.close();
  await daemon.kill('SIGTERM');
  const held = new Set(packages.map(({ ref }) => ref));
  const served = relay.events().filter(isKeyPackage);
  return {
    withoutKeys: withoutKeys(served, held),
    signedTwice: signedTwice(everSeen),
    slots: new Set(served.map(slotOf)).size,
  };
}

async function lane(number: number): Promise<void> {
  const random = createSeededRandom(`kill ${number} ${SEED}`);
  const relay = await startRelay();
  const installation = await createInstallation();
  const everSeen: NostrEvent[] = [];
  try {
    await initialise(installation, [relay.url]);
    for (let round = 0; round < ROUNDS_PER_LANE; round++) {
      await killedRound(installation, drawBelow(random, 120));
      everSeen.push(...relay.events().filter(isKeyPackage));
    }
    expect(await examine(installation, relay, everSeen)).toEqual({
      withoutKeys: 0,
      signedTwice: 0,
      slots: 11,
    });
  } finally {
    await relay.stop();
    await installation.remove();
  }
}

test(`${LANES * ROUNDS_PER_LANE} rounds of SIGKILL in the middle of a refresh lose no key, sign nothing twice and make no slot more (seed ${SEED})`, async () => {
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
}, 300_000);
