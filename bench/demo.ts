/**
 * `npm run demo`: a relay on loopback, a new identity in a temporary directory, the built daemon as a process
 * of its own. Shows the pool, what a stranger sees, and that a kill in the middle of a refresh loses nothing.
 */
import pc from 'picocolors';
import { createEventCrypto } from '../src/identity/event-crypto.ts';
import { type UnixSeconds, unixSeconds } from '../src/ids.ts';
import type { Client } from '../src/ipc/client.ts';
import { createMls } from '../src/mls/mls.ts';
import { checkKeyPackageEvent } from '../src/protocol/key-package-event.ts';
import type { NostrEvent } from '../src/records.ts';
import { startFaultProxy } from '../test/support/fault-proxy.ts';
import { faultsInOrder } from '../test/support/fault-proxy-faults.ts';
import { isKeyPackage, signedTwice, slotOf, withoutKeys } from '../test/support/key-package-events.ts';
import {
  connectTo,
  createInstallation,
  type Installation,
  initialise,
  runProgram,
  startDaemonProcess,
  untilWhole,
} from '../test/support/program.ts';
import { createSeededRandom } from '../test/support/random.ts';
import { startRelay } from '../test/support/relay.ts';
import { until } from '../test/support/until.ts';

const say = (text: string): void => console.log(text);
const title = (text: string): void => say(`\n${pc.bold(text)}`);

const relay = await startRelay();
const onRelay = (): NostrEvent[] => relay.events().filter(isKeyPackage);
// A transparent proxy in front of the relay, to see every event that the daemon ever sends.
const wire = await startFaultProxy({ upstream: relay.url });
const installation = await createInstallation();
let daemon: ReturnType<typeof startDaemonProcess> | undefined;
try {
  await tour(installation);
} finally {
  await daemon?.kill('SIGKILL');
  await wire.stop();
  await relay.stop();
  await installation.remove();
}

async function tour(home: Installation): Promise<void> {
  title('A relay on loopback, and a new identity');
  say(`relay ${wire.url}`);
  await initialise(home, [wire.url]);
  daemon = startDaemonProcess(home);
  let client = await connectTo(home);
  const startedAt = performance.now();
  await untilWhole(client);
  say(`11 of 11 KeyPackages confirmed after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);

  title('dialogctl status');
  say((await runProgram(home, 'dialogctl', ['status'])).stdout.trimEnd());

  title('What a stranger sees on that relay');
  await showAsStranger(relay.events());

  title('SIGKILL in the middle of a refresh');
  const before = new Set(onRelay().map(({ id }) => id));
  const arrived = (): number => onRelay().filter(({ id }) => !before.has(id)).length;
  // Five of the new events get through; the rest is on its way when the process dies.
  const faults = Array.from({ length: 11 }, (_, index) => ({ kind: index < 5 ? 'pass' : 'drop' }) as const);
  wire.decideWith(faultsInOrder('EVENT', faults));
  const refreshing = client.call('keyPackages.refresh', {});
  await until(() => arrived() === 5, 'the refresh is half done');
  await daemon.kill('SIGKILL');
  await refreshing.catch(() => undefined);
  say(`killed when ${arrived()} of 11 new events had reached the relay`);
  wire.decideWith(() => undefined);

  daemon = startDaemonProcess(home);
  client = await connectTo(home);
  await untilGeneration(client, 2);
  const verdict = await examine(client);
  say(`started again: ${verdict.confirmed} of 11 confirmed, ${verdict.slots} slots`);
  say(`events on the relay whose private keys are missing: ${verdict.missing}`);
  say(`KeyPackages signed twice: ${verdict.signedTwice}`);
  client.close();
  await daemon.kill('SIGTERM');
  if (verdict.missing > 0 || verdict.signedTwice > 0) process.exitCode = 1;
  else say(pc.green('\nNothing is missing and nothing was signed twice.'));
}

function sentPackages(): NostrEvent[] {
  return wire
    .received()
    .filter(([type]) => type === 'EVENT')
    .map(([, event]) => event as NostrEvent)
    .filter(isKeyPackage);
}

async function untilGeneration(client: Client, generation: number): Promise<void> {
  await until(
    async () => {
      const { packages } = await client.call('keyPackages.list', {});
      const ready = packages.filter((each) => each.generation >= generation && each.state === 'confirmed');
      return ready.length === 11 || undefined;
    },
    'the refresh is complete',
    30_000,
  );
}

async function showAsStranger(events: readonly NostrEvent[]): Promise<void> {
  const deps = {
    readKeyPackage: createMls(createSeededRandom('demo')).readKeyPackage,
    crypto: await createEventCrypto(),
  };
  const now: UnixSeconds = unixSeconds(Date.now() / 1_000);
  for (const event of events.filter(isKeyPackage)) {
    const check = await checkKeyPackageEvent(event, deps, now);
    const verdict = check.ok
      ? `valid, ${check.kind.replace('_', '-')}, Lifetime ends in ${Math.floor((Number(check.facts.lifetime?.notAfter) - now) / 86_400)} d`
      : `REJECTED: ${check.reasons.map((reason) => JSON.stringify(reason)).join(', ')}`;
    say(`  event ${event.id.slice(0, 8)}  slot ${slotOf(event).slice(0, 8)}  ${verdict}`);
  }
}

async function examine(client: Client) {
  const { packages } = await client.call('keyPackages.list', {});
  const held = new Set(packages.map(({ ref }) => ref));
  const served = onRelay();
  return {
    confirmed: packages.filter(({ state }) => state === 'confirmed').length,
    slots: new Set(served.map(slotOf)).size,
    missing: withoutKeys(served, held),
    signedTwice: signedTwice(sentPackages()),
  };
}
