/** `identity.lookUp` of a real daemon, with real relays. */
import { describe, expect, test } from 'vitest';
import type { InProcessDaemon } from '../support/in-process.ts';
import { daemonOn, holdLists, relayHere } from '../support/in-process-setup.ts';
import { isKeyPackage } from '../support/key-package-events.ts';

const untilHealthy = (daemon: InProcessDaemon) =>
  daemon.passUntil(
    async () => (await daemon.client.call('daemon.status', {})).health.state === 'healthy',
    'the daemon is healthy',
  );

async function look(daemon: InProcessDaemon) {
  const answer = daemon.client.call('identity.lookUp', {}, 20_000);
  let ended = false;
  const end = answer.catch(() => {}).then(() => (ended = true));
  await daemon.passUntil(() => ended, 'the end of the look');
  await end;
  return answer;
}

const codes = ({ problems }: Awaited<ReturnType<typeof look>>): string[] => problems.map(({ code }) => code);

async function healthyPair() {
  const relay = await relayHere();
  holdLists(relay, [relay.url], [relay.url]);
  const daemon = await daemonOn(relay.url);
  await untilHealthy(daemon);
  return { relay, daemon };
}

describe('a stranger', () => {
  test('finds eleven packages of a healthy account, all of them ours, and nothing in the way', async () => {
    const { relay, daemon } = await healthyPair();
    const seen = await look(daemon);
    expect(seen).toMatchObject({ invitable: true, problems: [] });
    expect(seen.relays).toEqual([
      {
        url: relay.url,
        roles: ['start', 'write', 'inbox'],
        connected: true,
        read: true,
        lists: { 10002: 'newest', 10050: 'newest' },
        packages: { found: 11, valid: 11, ours: 11, keysGone: 0, otherCopy: 0, otherDevice: 0, invalid: [] },
      },
    ]);
  });

  test('comes over connections of its own, which are gone afterwards', async () => {
    const { relay, daemon } = await healthyPair();
    const looking = look(daemon);
    await daemon.passUntil(() => relay.connections() === 2, 'a second connection');
    await looking;
    await daemon.passUntil(() => relay.connections() === 1, 'only the one of the daemon');
  });

  test('misses the packages that a relay lost behind our back, whatever our store says', async () => {
    const { relay, daemon } = await healthyPair();
    relay.repository.forget(isKeyPackage);
    const seen = await look(daemon);
    expect((await daemon.client.call('daemon.status', {})).invitable.yes).toBe(true);
    expect(seen.invitable).toBe(false);
    expect(seen.problems).toMatchObject([{ code: 'no_packages', repair: 'dialogctl wake' }]);

    await daemon.client.call('daemon.wake', {});
    await daemon.passUntil(() => relay.events().filter(isKeyPackage).length === 11, 'all is sent again');
    daemon.clock.advance(31);
    expect(await look(daemon)).toMatchObject({ invitable: true, problems: [] });
  });

  test('finds nothing without relay lists, and is told to have them published', async () => {
    const relay = await relayHere();
    const seen = await look(await daemonOn(relay.url));
    expect(seen.invitable).toBe(false);
    expect(codes(seen)).toEqual(['no_write_list', 'no_inbox_list']);
    expect(seen.problems[0]?.repair).toContain('relays publish-lists');
  });

  test('gets nowhere when no relay answers', async () => {
    const { relay, daemon } = await healthyPair();
    await relay.stop();
    const seen = await look(daemon);
    expect(seen.invitable).toBe(false);
    expect(codes(seen)).toEqual(['start_unreachable', 'relay_unreachable']);
  });

  test('is not let in where only known accounts are served, although the daemon is', async () => {
    const relay = await relayHere({ auth: true });
    holdLists(relay, [relay.url], [relay.url]);
    const daemon = await daemonOn(relay.url);
    await untilHealthy(daemon);
    const seen = await look(daemon);
    expect(seen.invitable).toBe(false);
    expect(codes(seen)).toEqual(['start_unreachable', 'relay_unreadable']);
  });

  test('is led to the relays of an older list by a relay that has not got the newer one', async () => {
    const [relay, behind] = [await relayHere(), await relayHere()];
    holdLists(relay, [relay.url], [relay.url]);
    const daemon = await daemonOn(behind.url, relay.url);
    await untilHealthy(daemon);
    behind.repository.forget(({ kind }) => kind === 10002 || kind === 10050);
    holdLists(behind, [relay.url], [relay.url], 1_700_000_000);
    const seen = await look(daemon);
    expect(seen.invitable).toBe(true);
    expect(seen.problems).toMatchObject([
      { code: 'list_outdated', relay: behind.url },
      { code: 'list_outdated', relay: behind.url },
    ]);
  });

  test('may choose a package of another device, which is told apart from ours', async () => {
    const { relay, daemon } = await healthyPair();
    const otherDevice = await daemonOn(relay.url);
    await untilHealthy(otherDevice);
    daemon.clock.advance(60);
    const [seen] = (await look(daemon)).relays;
    expect(seen?.packages).toMatchObject({ found: 22, valid: 22, ours: 11, otherDevice: 11, otherCopy: 0 });
  });

  test('is one at a time, and the answer is kept for a while', async () => {
    const { relay, daemon } = await healthyPair();
    const first = look(daemon);
    await expect(daemon.client.call('identity.lookUp', {})).rejects.toMatchObject({
      code: 'busy',
      retryAfterSec: expect.any(Number),
    });
    const seen = await first;
    relay.repository.forget(isKeyPackage);
    expect(await look(daemon)).toEqual(seen);
    daemon.clock.advance(31);
    expect((await look(daemon)).invitable).toBe(false);
  });
});
