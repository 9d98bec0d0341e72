/** A dependency that is cut is told within a minute, whichever it is, and so is that it came back. */
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { healthExitCodes } from '../../src/cli/exit-codes.ts';
import { plus, type RelayUrl } from '../../src/ids.ts';
import type { Result } from '../../src/ipc/protocol/methods.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type InProcessDaemon, startInProcess } from '../support/in-process.ts';
import { startRelay } from '../support/relay.ts';
import { forThisTest } from '../support/relay-client.ts';
import { runCli } from '../support/rpc/cli.ts';
import { tempDirectory } from '../support/rpc/server.ts';
import { layWire, type Wire } from '../support/wire.ts';

const WITHIN_SEC = 60;
/** Long past what a start is given. */
const SETTLED_SEC = 90;

type Report = Result<'daemon.health'>;
const report = (daemon: InProcessDaemon): Promise<Report> => daemon.client.call('daemon.health', {});

/** A daemon that was healthy for a while, on these relays. */
async function healthyOn(relays: readonly RelayUrl[], settings = ''): Promise<InProcessDaemon> {
  const daemon = await forThisTest(startInProcess({ bootstrap: [...relays], settings }));
  await daemon.client.call('relays.publishLists', { write: [...relays], inbox: [...relays] });
  const started = daemon.clock.now();
  await daemon.passUntil(
    async () => daemon.clock.now() > started + SETTLED_SEC && (await report(daemon)).state === 'healthy',
    'a settled, healthy daemon',
  );
  return daemon;
}

/** The warning with this code, which has to come in time; from the cut on, in the daemon's own time. */
async function toldInTime(daemon: InProcessDaemon, code: string, cutAt = daemon.clock.now()) {
  const warning = await daemon.passUntil(
    async () => (await report(daemon)).warnings.find((each) => each.code === code),
    `${code} is told`,
  );
  expect(daemon.clock.now() - cutAt).toBeLessThanOrEqual(WITHIN_SEC);
  expect((await daemon.client.call('daemon.status', {})).health.state).not.toBe('healthy');
  const { code: exitCode, out } = await runCli(['--runtime-dir', daemon.runtimeDir, 'health']);
  expect(exitCode).toBeGreaterThanOrEqual(healthExitCodes.not_invitable);
  expect(out).toContain(code);
  return warning;
}

const heals = (daemon: InProcessDaemon) =>
  daemon.passUntil(async () => (await report(daemon)).state === 'healthy', 'healthy again');

describe('each of two relays', () => {
  const twoRelays = () => Promise.all([1, 2].map(() => forThisTest(startRelay())));

  async function wired(): Promise<{ daemon: InProcessDaemon; wires: Wire[] }> {
    const relays = await twoRelays();
    const wires = await Promise.all(relays.map((relay) => forThisTest(layWire(relay))));
    return { wires, daemon: await healthyOn(wires.map(({ url }) => url)) };
  }

  test.each([
    [0, 'reset'],
    [1, 'reset'],
    [0, 'silence'],
    [1, 'silence'],
  ] as const)('relay %i cut by %s is down in time, and up when it is mended', async (index, how) => {
    const { daemon, wires } = await wired();
    const wire = wires[index]!;
    wire.cut(how);
    const warning = await toldInTime(daemon, 'relay_down');
    expect(warning.dependsOn).toBe(wire.url);
    expect(await report(daemon)).toMatchObject({ live: true, ready: true, fresh: true, state: 'degraded' });
    wire.mend();
    await heals(daemon);
  });

  test.each(['reset', 'silence'] as const)('all cut by %s: nobody can be invited', async (how) => {
    const { daemon, wires } = await wired();
    for (const wire of wires) wire.cut(how);
    await toldInTime(daemon, 'not_invitable');
    expect(await report(daemon)).toMatchObject({ live: true, ready: false, state: 'not_invitable' });
    for (const wire of wires) wire.mend();
    await heals(daemon);
  });

  async function proxied(): Promise<{ daemon: InProcessDaemon; proxies: FaultProxy[] }> {
    const relays = await twoRelays();
    const proxies = await Promise.all(
      relays.map(({ url }) => forThisTest(startFaultProxy({ upstream: url }))),
    );
    return { proxies, daemon: await healthyOn(proxies.map(({ url }) => url)) };
  }

  test('one that answers pings and no questions is down, and stays so through every reconnection', async () => {
    const { daemon, proxies } = await proxied();
    const [deaf] = proxies as [FaultProxy];
    deaf.decideWith(({ direction }) => (direction === 'from_relay' ? { kind: 'drop' } : undefined));
    const cutAt = daemon.clock.now();
    const { since } = await toldInTime(daemon, 'relay_down', cutAt);
    await daemon.passUntil(async () => {
      const { state, warnings } = await report(daemon);
      expect(state).toBe('degraded');
      expect(warnings.find(({ code }) => code === 'relay_down')).toMatchObject({
        dependsOn: deaf.url,
        since,
      });
      return daemon.clock.now() > cutAt + 4 * WITHIN_SEC;
    }, 'four minutes');
    deaf.decideWith(() => undefined);
    await heals(daemon);
  });

  test('one that no longer says OK is named as soon as something is published', async () => {
    const { daemon, proxies } = await proxied();
    const [mute] = proxies as [FaultProxy];
    mute.decideWith(({ message }) => (message[0] === 'OK' ? { kind: 'drop' } : undefined));
    await daemon.client.call('keyPackages.refresh', {});
    const warning = await toldInTime(daemon, 'relay_silent');
    expect(warning.dependsOn).toBe(mute.url);
    mute.decideWith(() => undefined);
    await heals(daemon);
  });
});

test('a state directory that is gone is told in time, though nothing is to be written', async () => {
  const relay = await forThisTest(startRelay());
  const daemon = await healthyOn([relay.url]);
  await rename(daemon.stateDir, `${daemon.stateDir}.gone`);
  await toldInTime(daemon, 'disk_failing');
  await rename(`${daemon.stateDir}.gone`, daemon.stateDir);
  await heals(daemon);
});

test.each([-7_200, 7_200])(
  'a clock set by %i s is told in time, and when it is right again',
  async (bySec) => {
    const relay = await forThisTest(startRelay({ dateOffsetSec: 0 }));
    const daemon = await healthyOn([relay.url]);
    daemon.clock.jump(plus(daemon.clock.now(), bySec));
    await toldInTime(daemon, 'clock_skew');
    daemon.clock.jump(plus(daemon.clock.now(), -bySec));
    await heals(daemon);
  },
);

test('the figures are the same truth: a file while the daemon runs, and on the socket at any time', async () => {
  const relay = await forThisTest(startRelay());
  const file = join(await tempDirectory(), 'dialogd.prom');
  // After the daemon has stopped.
  onTestFinished(() => expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' }));
  const daemon = await healthyOn([relay.url], `[metrics]\ntextfile = "${file}"\n`);
  const says = (line: string) => async () => (await readFile(file, 'utf8')).includes(line);
  const { text } = await daemon.client.call('daemon.metrics', {});
  expect(text).toContain(`dialogd_healthy{account="${daemon.account.publicKey.slice(0, 8)}"} 1\n`);
  await daemon.passUntil(says('state="confirmed"'), 'the file has the packages');
  await relay.stop();
  await daemon.passUntil(says('dialogd_warnings{code="relay_down"'), 'the file has the trouble');
});
