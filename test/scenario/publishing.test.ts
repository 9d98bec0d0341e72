import { afterEach, describe, expect, test } from 'vitest';
import type { RelayUrl } from '../../src/ids.ts';
import type { NostrEvent } from '../../src/records.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { faultsInOrder } from '../support/fault-proxy-faults.ts';
import { type InProcessDaemon, startInProcess } from '../support/in-process.ts';
import { holdLists } from '../support/in-process-setup.ts';
import { isKeyPackage } from '../support/key-package-events.ts';
import { createAccount } from '../support/nostr.ts';
import { packagesOn, untilWhole } from '../support/published.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';

const toStop: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of toStop.splice(0).reverse()) await each.stop();
});

const tidy = <T extends { stop(): Promise<void> }>(thing: T): T => {
  toStop.push(thing);
  return thing;
};
const relayHere = async (options = {}): Promise<TestRelay> => tidy(await startRelay(options));
const proxyTo = async (relay: TestRelay): Promise<FaultProxy> =>
  tidy(await startFaultProxy({ upstream: relay.url }));
const daemonOn = async (...bootstrap: RelayUrl[]): Promise<InProcessDaemon> =>
  tidy(await startInProcess({ bootstrap }));

const bytesOn = (relay: TestRelay): string[] =>
  packagesOn(relay)
    .map((event) => JSON.stringify(event))
    .sort();
const sentThrough = (proxy: FaultProxy): NostrEvent[] =>
  proxy
    .received()
    .filter(([type]) => type === 'EVENT')
    .map(([, event]) => event as NostrEvent)
    .filter(isKeyPackage);

const noticeCodes = (daemon: InProcessDaemon): string[] => daemon.log.lines.map(({ event }) => event);

describe('publishing', () => {
  test('an account whose lists a relay holds becomes invitable with eleven packages', async () => {
    const relay = await relayHere();
    holdLists(relay, [relay.url], [relay.url]);
    const daemon = await daemonOn(relay.url);
    await untilWhole(daemon);
    expect(packagesOn(relay)).toHaveLength(11);
    expect((await daemon.client.call('daemon.status', {})).health.state).toBe('healthy');
  });

  test('an ack lost after the relay stored the event ends in one confirmed KeyPackage', async () => {
    const relay = await relayHere();
    const proxy = await proxyTo(relay);
    holdLists(relay, [proxy.url], [proxy.url]);
    proxy.decideWith(
      faultsInOrder(
        'EVENT',
        Array.from({ length: 11 }, () => ({ kind: 'lose_answer' })),
      ),
    );
    const daemon = await daemonOn(proxy.url);
    await untilWhole(daemon);
    const sent = sentThrough(proxy);
    expect(sent.length).toBeGreaterThan(11);
    expect(new Set(sent.map((event) => JSON.stringify(event))).size).toBe(11);
    expect(packagesOn(relay)).toHaveLength(11);
  });

  test('rejections are retried with the same bytes until the relay takes them', async () => {
    const relay = await relayHere();
    const proxy = await proxyTo(relay);
    holdLists(relay, [proxy.url], [proxy.url]);
    const refusals = Array.from({ length: 11 }, () => ({
      kind: 'reject' as const,
      message: 'rate-limited: slow down',
    }));
    proxy.decideWith(faultsInOrder('EVENT', refusals));
    const daemon = await daemonOn(proxy.url);
    await untilWhole(daemon);
    expect(new Set(sentThrough(proxy).map((event) => JSON.stringify(event))).size).toBe(11);
  });

  test('a relay that joins the list gets the identical events', async () => {
    const [first, second] = [await relayHere(), await relayHere()];
    holdLists(first, [first.url], [first.url]);
    const daemon = await daemonOn(first.url);
    await untilWhole(daemon);
    holdLists(first, [first.url, second.url], [first.url], daemon.clock.now());
    await daemon.client.call('daemon.wake', {});
    await daemon.passUntil(() => packagesOn(second).length === 11, 'the second relay holds eleven');
    expect(bytesOn(second)).toEqual(bytesOn(first));
  });

  test('a relay that was down from the start gets the identical events when it comes', async () => {
    const relay = await relayHere();
    const late = await startRelay();
    await late.stop();
    holdLists(relay, [relay.url, late.url], [relay.url]);
    const daemon = await daemonOn(relay.url);
    await untilWhole(daemon);
    const back = await relayHere({ port: late.port });
    await daemon.passUntil(() => packagesOn(back).length >= 11, 'the late relay holds eleven');
    expect(bytesOn(back)).toEqual(bytesOn(relay));
  });

  test('a refresh that is waited for tells how far it is, and every slot has a newer event', async () => {
    const relay = await relayHere();
    holdLists(relay, [relay.url], [relay.url]);
    const daemon = await daemonOn(relay.url);
    await untilWhole(daemon);
    const before = new Set(bytesOn(relay));
    const steps: number[] = [];
    daemon.client.on('progress', ({ done }) => steps.push(done));
    let answer: { done: boolean; confirmed: number } | undefined;
    void daemon.client.call('keyPackages.refresh', { wait: true, progressToken: 'here' }).then((result) => {
      answer = result;
    });
    await daemon.passUntil(() => answer, 'the refresh is answered');
    expect(answer).toMatchObject({ done: true, confirmed: 11 });
    expect(steps.at(-1)).toBe(11);
    expect(bytesOn(relay).some((bytes) => before.has(bytes))).toBe(false);
    expect(packagesOn(relay)).toHaveLength(11);
  });

  test('after a restart nothing is made or sent again', async () => {
    const relay = await relayHere();
    const proxy = await proxyTo(relay);
    holdLists(relay, [proxy.url], [proxy.url]);
    const daemon = await daemonOn(proxy.url);
    await untilWhole(daemon);
    const before = sentThrough(proxy).length;
    await daemon.restart();
    await daemon.passUntil(
      async () => (await daemon.client.call('daemon.status', {})).health.state === 'healthy',
      'healthy',
    );
    expect(sentThrough(proxy)).toHaveLength(before);
  });
});

describe('a relay that is not what it was', () => {
  test('what it lost is sent again, the same bytes, and said', async () => {
    const relay = await relayHere();
    holdLists(relay, [relay.url], [relay.url]);
    const daemon = await daemonOn(relay.url);
    await untilWhole(daemon);
    const before = bytesOn(relay);
    relay.repository.forget(isKeyPackage);
    await daemon.client.call('daemon.wake', {});
    await daemon.passUntil(() => packagesOn(relay).length === 11, 'the relay holds eleven again');
    expect(bytesOn(relay)).toEqual(before);
    expect(noticeCodes(daemon)).toContain('relay_lost_package');
  });

  test('one that serves older events than it accepted is named, and loses nothing', async () => {
    const relay = await relayHere();
    const proxy = await proxyTo(relay);
    holdLists(relay, [proxy.url], [proxy.url]);
    const daemon = await daemonOn(proxy.url);
    await untilWhole(daemon);
    await daemon.client.call('keyPackages.refresh', {});
    proxy.decideWith(({ direction, message }) =>
      direction === 'to_relay' && message[0] === 'REQ' ? { kind: 'serve_stale' } : undefined,
    );
    await daemon.passUntil(() => noticeCodes(daemon).includes('relay_serves_older'), 'the relay is named');
    const { packages } = await daemon.client.call('keyPackages.list', {});
    const held = new Set<string>(packages.map(({ eventId }) => eventId));
    expect(packagesOn(relay).every(({ id }) => held.has(id))).toBe(true);
  });

  test('an event in our slot that we did not make is replaced by a newer one of ours', async () => {
    const relay = await relayHere();
    holdLists(relay, [relay.url], [relay.url]);
    const daemon = await daemonOn(relay.url);
    await untilWhole(daemon);
    const [ours] = packagesOn(relay);
    const foreign = daemon.account.sign({ ...ours!, created_at: ours!.created_at + 60, content: 'AAAA' });
    relay.repository.store(foreign);
    await daemon.client.call('daemon.wake', {});
    await daemon.passUntil(() => noticeCodes(daemon).includes('foreign_package'), 'it is met');
    await daemon.passUntil(() => !packagesOn(relay).some(({ id }) => id === foreign.id), 'it is replaced');
  });

  test('a clock ten minutes off is said, and the packages are published all the same', async () => {
    const relay = await relayHere({ dateOffsetSec: -600 });
    holdLists(relay, [relay.url], [relay.url]);
    const daemon = await daemonOn(relay.url);
    await untilWhole(daemon);
    const { health } = await daemon.client.call('daemon.status', {});
    expect(health.warnings.map(({ code }) => code)).toContain('clock_skew');
  });
});

describe('an account that cannot be invited', () => {
  test('without relay lists publishes nothing, names the reason and the command, and is mended by it', async () => {
    const relay = await relayHere();
    const daemon = await daemonOn(relay.url);
    await daemon.passUntil(
      async () => (await daemon.client.call('daemon.status', {})).relays.connected === 1,
      'connected',
    );
    const { health, invitable } = await daemon.client.call('daemon.status', {});
    expect(invitable).toEqual({ yes: false, reason: 'no_relay_lists' });
    expect(health.state).toBe('not_invitable');
    expect(health.warnings[0]?.repair).toContain('dialogctl relays publish-lists');
    await expect(daemon.client.call('keyPackages.refresh', {})).rejects.toMatchObject({
      code: 'not_invitable',
    });
    expect(packagesOn(relay)).toEqual([]);

    await daemon.client.call('relays.publishLists', { write: [relay.url], inbox: [relay.url] });
    await untilWhole(daemon);
  });

  test('publishes nothing before its inbox is read', async () => {
    const [relay, inboxRelay] = [await relayHere(), await relayHere()];
    const inbox = await proxyTo(inboxRelay);
    inbox.decideWith(({ message }) => (message[0] === 'EOSE' ? { kind: 'drop' } : undefined));
    holdLists(relay, [relay.url], [inbox.url]);
    const daemon = await daemonOn(relay.url);
    await daemon.passUntil(
      async () =>
        (await daemon.client.call('keyPackages.explain', {})).actions.some(({ reason }) =>
          reason.includes('inbox_not_listening'),
        ),
      'the reason is named',
    );
    expect(packagesOn(relay)).toEqual([]);
    inbox.decideWith(() => undefined);
    inbox.dropConnections();
    await untilWhole(daemon);
  });
});

test('a gift wrap that arrives is stored, opened and named, once', async () => {
  const relay = await relayHere();
  holdLists(relay, [relay.url], [relay.url]);
  const daemon = await daemonOn(relay.url);
  await untilWhole(daemon);
  const stranger = createAccount('stranger');
  const twoDaysAgo = daemon.clock.now() - 2 * 86_400;
  relay.repository.store(
    stranger.sign({
      kind: 1059,
      created_at: twoDaysAgo,
      tags: [['p', daemon.account.publicKey]],
      content: 'x',
    }),
  );
  await daemon.restart();
  await daemon.passUntil(
    async () => (await daemon.client.call('daemon.status', {})).inbox.counts.broken === 1,
    'opened',
  );
  await daemon.restart();
  await daemon.passUntil(
    async () => (await daemon.client.call('daemon.status', {})).inbox.caughtUp,
    'read again',
  );
  expect((await daemon.client.call('daemon.status', {})).inbox.counts).toEqual({ broken: 1 });
});
