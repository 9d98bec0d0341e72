import { describe, expect, test } from 'vitest';
import type { NostrEvent } from '../../src/records.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type Decide, faultsInOrder } from '../support/fault-proxy-faults.ts';
import { createAccount, withBadSignature } from '../support/nostr.ts';
import { startRelay } from '../support/relay.ts';
import { ago, type ClientOptions, forThisTest, listen, startClient } from '../support/relay-client.ts';
import { until } from '../support/until.ts';

const sender = createAccount('sender');
const wraps = { kinds: [1059] };
const wrap = (content: string, createdAt = ago(0)) =>
  sender.sign({ kind: 1059, content, created_at: createdAt });

/** A client that reads its inbox through a proxy that decides as told. */
async function inbox(decide: Decide = () => undefined, options: ClientOptions = {}) {
  const relay = await forThisTest(startRelay());
  const proxy = await forThisTest(startFaultProxy({ upstream: relay.url, decide }));
  const client = startClient([proxy.url], options);
  const heard = listen(client, wraps);
  const store = (event: NostrEvent) => relay.repository.store(event);
  return { relay, proxy, client, heard, store };
}

const subscriptionId = (proxy: FaultProxy): Promise<unknown> =>
  until(() => proxy.received().findLast(([type]) => type === 'REQ')?.[1], 'the REQ');

describe('events that are not what they seem', () => {
  test('a badly signed copy from one relay does not hide the genuine one from another', async () => {
    const { proxy, client, heard } = await inbox();
    const honest = await forThisTest(startRelay());
    const genuine = wrap('genuine');
    await until(() => heard.caughtUp.length === 1, 'the first relay');
    proxy.say(['EVENT', await subscriptionId(proxy), withBadSignature(genuine)]);
    await until(() => client.state(proxy.url).invalidEvents === 1, 'the forgery to be counted');
    expect(heard.events).toEqual([]);

    honest.repository.store(genuine);
    client.use([proxy.url, honest.url]);
    await until(() => heard.ids().includes(genuine.id), 'the genuine wrap');
    expect(client.state(honest.url).invalidEvents).toBe(0);
  });

  test('nor the genuine one that the same relay sends later', async () => {
    const { relay, proxy, client, heard } = await inbox();
    await until(() => heard.caughtUp.length === 1, 'the reading');
    const genuine = wrap('genuine');
    const id = await subscriptionId(proxy);
    proxy.say(['EVENT', id, withBadSignature(genuine)]);
    proxy.say(['EVENT', id, { ...genuine, content: 'not what was signed' }]);
    await client.publish(proxy.url, genuine);
    await until(() => heard.events.length > 0, 'a wrap');
    expect(heard.events).toEqual([genuine]);
    expect(client.state(proxy.url).invalidEvents).toBe(2);
    expect(relay.events()).toHaveLength(1);
  });

  test('an invalid event from the future does not keep backdated wraps from being read after a reconnect', async () => {
    const { proxy, heard, store } = await inbox();
    await until(() => heard.caughtUp.length === 1, 'the first reading');
    proxy.say(['EVENT', await subscriptionId(proxy), withBadSignature(wrap('poison', ago(-365 * 86_400)))]);
    proxy.dropConnections();
    const backdated = wrap('backdated', ago(2 * 86_400));
    store(backdated);
    await until(() => heard.ids().includes(backdated.id), 'the backdated wrap');
  });

  test('what was not asked for goes no further', async () => {
    const { proxy, client, heard } = await inbox();
    await until(() => heard.caughtUp.length === 1, 'the reading');
    const id = await subscriptionId(proxy);
    proxy.say(['EVENT', id, sender.sign({ kind: 1, content: 'another kind' })]);
    proxy.say(['EVENT', 'never opened', wrap('another subscription')]);
    const last = wrap('asked for');
    proxy.say(['EVENT', id, last]);
    await until(() => heard.events.length > 0, 'a wrap');
    expect(heard.events).toEqual([last]);
    expect(client.state(proxy.url).invalidEvents).toBe(0);
  });

  test('fields a relay adds to an event are left behind', async () => {
    const { proxy, heard } = await inbox();
    await until(() => heard.caughtUp.length === 1, 'the reading');
    const event = wrap('plain');
    proxy.say([
      'EVENT',
      await subscriptionId(proxy),
      { ...event, seen_on: 'somewhere', extra: { deep: [] } },
    ]);
    await until(() => heard.events.length > 0, 'a wrap');
    expect(heard.events).toEqual([event]);
  });

  test('copies and disorder on the way in lose nothing', async () => {
    const { client, heard, store } = await inbox(({ direction, message }) => {
      if (direction === 'to_relay' || message[0] !== 'EVENT') return undefined;
      return (message[2] as NostrEvent).content < 'c' ? { kind: 'duplicate' } : { kind: 'reorder' };
    });
    const sent = ['a', 'b', 'c', 'd'].map((content) => wrap(content));
    for (const event of sent) store(event);
    client.reopen('inbox');
    await until(() => heard.ids().length === sent.length, 'all wraps');
    expect(new Set(heard.ids())).toEqual(new Set(sent.map(({ id }) => id)));
  });
});

describe('a standing subscription', () => {
  test('closed by the relay is opened again and reads what came meanwhile', async () => {
    const { proxy, client, heard, store } = await inbox();
    await until(() => heard.caughtUp.length === 1, 'the first reading');
    proxy.say(['CLOSED', await subscriptionId(proxy), 'error: shutting down idle subscription']);
    const missed = wrap('missed');
    store(missed);
    await until(() => heard.ids().includes(missed.id), 'the missed wrap');
    await until(() => client.state(proxy.url).caughtUp, 'the second reading');
  });

  test('refused again and again is tried with growing pauses, and says it has not caught up', async () => {
    const { proxy, client, heard } = await inbox(
      faultsInOrder('REQ', Array(4).fill({ kind: 'reject', message: 'restricted: not yet' })),
    );
    await until(() => proxy.received().length > 0, 'the first REQ');
    expect(client.state(proxy.url).caughtUp).toBe(false);
    await until(() => heard.caughtUp.length === 1, 'the reading in the end');
    expect(proxy.received().map(([type]) => type)).toEqual(Array(5).fill('REQ'));
    expect(client.lines.text()).toContain('restricted: not yet');
  });

  test('without end of stored events has not caught up, and is opened again', async () => {
    let swallowed = 0;
    const { proxy, client, heard } = await inbox(
      ({ message }) => (message[0] === 'EOSE' && swallowed++ === 0 ? { kind: 'drop' } : undefined),
      { limits: { caughtUpMs: 100 } },
    );
    await until(() => swallowed === 1, 'the first end of stored events');
    expect(client.state(proxy.url).caughtUp).toBe(false);
    await until(() => heard.caughtUp.length === 1, 'the reading');
  });

  test('reopened asks with fresh filters, and only the new opening counts', async () => {
    const { proxy, client } = await inbox();
    const openedWith: number[] = [];
    const caughtUp: number[] = [];
    let since = 100;
    client.subscribe({
      name: 'fresh',
      filter: () => {
        openedWith.push(since);
        return { kinds: [444], since };
      },
      onEvent: () => {},
      onCaughtUp: (_, openedAt) => caughtUp.push(openedAt),
    });
    await until(() => caughtUp.length === 1, 'the first reading');
    since = 200;
    client.reopen('fresh');
    expect(client.state(proxy.url).caughtUp).toBe(false);
    await until(() => caughtUp.length === 2, 'the second reading');
    expect(openedWith).toEqual([100, 200]);
    expect(client.state(proxy.url).caughtUp).toBe(true);
  });

  test('stopped hears nothing more, and one not meant for this relay is never opened', async () => {
    const { proxy, client, heard } = await inbox();
    await until(() => heard.caughtUp.length === 1, 'the reading');
    client.subscribe({
      name: 'elsewhere',
      filter: () => undefined,
      onEvent: () => {},
      onCaughtUp: () => expect.fail('this relay was not meant'),
    });
    const id = await subscriptionId(proxy);
    heard.stop();
    await until(
      () => proxy.received().some(([type, closed]) => type === 'CLOSE' && closed === id),
      'the CLOSE',
    );
    await client.publish(proxy.url, wrap('to nobody'));
    expect(heard.events).toEqual([]);
    expect(client.state(proxy.url).caughtUp).toBe(false);
    expect(proxy.received().filter(([type]) => type === 'REQ')).toHaveLength(1);
  });

  test('under the name of another takes its place', async () => {
    const { proxy, client, heard, store } = await inbox();
    await until(() => heard.caughtUp.length === 1, 'the first');
    const second = listen(client, wraps);
    await until(() => second.caughtUp.length === 1, 'the second');
    store(wrap('for the second'));
    heard.stop();
    client.reopen('inbox');
    await until(() => second.events.length === 1, 'the wrap');
    expect(heard.events).toEqual([]);
    const said = proxy.received().map(([type]) => type);
    expect(said).toEqual(['REQ', 'CLOSE', 'REQ', 'CLOSE', 'REQ']);
  });

  test('hears nothing more of a relay that is no longer in use', async () => {
    const { proxy, client, heard } = await inbox();
    await until(() => heard.caughtUp.length === 1, 'the reading');
    const id = await subscriptionId(proxy);
    client.use([]);
    proxy.say(['EVENT', id, wrap('too late')]);
    await until(() => proxy.connections() === 0, 'the end of the connection');
    expect(heard.events).toEqual([]);
  });

  test('is told the local time at which it was opened, not what events claim', async () => {
    const { heard, store } = await inbox();
    store(wrap('from the future', ago(-86_400)));
    const { openedAt } = await until(() => heard.caughtUp[0], 'the reading');
    expect(Math.abs(openedAt - ago(0))).toBeLessThanOrEqual(2);
  });
});

describe('a query', () => {
  /** A query through a proxy that decides as told, against a relay with three wraps. */
  async function fetchThree(decide: Decide, options: ClientOptions = {}) {
    const { proxy, client, heard, store } = await inbox(() => undefined, options);
    await until(() => heard.caughtUp.length === 1, 'the inbox');
    const stored = ['x', 'y', 'z'].map((content) => wrap(content));
    for (const event of stored) store(event);
    proxy.decideWith(decide);
    return { stored, outcome: await client.fetch(proxy.url, wraps), proxy };
  }

  test('brings everything stored, each once, and closes behind itself', async () => {
    const { stored, outcome, proxy } = await fetchThree(({ message }) =>
      message[0] === 'EVENT' ? { kind: 'duplicate' } : undefined,
    );
    const events = outcome.kind === 'complete' ? outcome.events : [];
    expect(new Set(events)).toEqual(new Set(stored));
    expect(events).toHaveLength(3);
    await until(() => proxy.received().at(-1)?.[0] === 'CLOSE', 'the CLOSE');
  });

  test('without an end fails in bounded time', async () => {
    const { outcome } = await fetchThree(
      ({ message }) => (message[0] === 'EOSE' ? { kind: 'drop' } : undefined),
      {
        limits: { fetchMs: 100 },
      },
    );
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'no answer within 0.1 s' });
  });

  test('cut off fails with the reason', async () => {
    const { outcome } = await fetchThree(faultsInOrder('REQ', [{ kind: 'close', when: 'after' }]));
    expect(outcome).toEqual({ kind: 'failed', reason: 'connection lost' });
  });

  test('refused fails with the words of the relay', async () => {
    const message = 'unsupported: too broad';
    const { outcome } = await fetchThree(faultsInOrder('REQ', [{ kind: 'reject', message }]));
    expect(outcome).toEqual({ kind: 'failed', reason: message });
  });

  test.each([{ fetchedEvents: 2 }, { fetchedBytes: 600 }])(
    'answered with more than fits (%j) is ended there, and keeps what came until then',
    async (limits) => {
      const { stored, outcome } = await fetchThree(() => undefined, { limits });
      expect(outcome.kind).toBe('overflow');
      const events = outcome.kind === 'overflow' ? outcome.events : [];
      expect(events.length).toBeGreaterThan(0);
      expect(events.length).toBeLessThan(stored.length);
    },
  );

  test('more than may wait are turned away', async () => {
    const { proxy, client } = await inbox(() => ({ kind: 'drop' }), {
      limits: { pendingFetches: 1, fetchMs: 50 },
    });
    await until(() => client.state(proxy.url).phase === 'connected', 'the connection');
    const outcomes = await Promise.all([1, 2].map(() => client.fetch(proxy.url, wraps)));
    expect(outcomes.map((outcome) => outcome.kind === 'failed' && outcome.reason)).toEqual([
      'no answer within 0.05 s',
      'too much is waiting for this relay already',
    ]);
  });

  test('may be answered with an older version than the one just published', async () => {
    const { proxy, client } = await inbox();
    await until(() => client.state(proxy.url).phase === 'connected', 'the connection');
    const versions = [100, 200].map((at) =>
      sender.sign({ kind: 30443, created_at: at, tags: [['d', 'slot']] }),
    );
    for (const version of versions) await client.publish(proxy.url, version);
    const read = () => client.fetch(proxy.url, { kinds: [30443] });
    proxy.decideWith(faultsInOrder('REQ', [{ kind: 'serve_stale' }]));
    expect(await read()).toMatchObject({ kind: 'complete', events: [versions[0]] });
    expect(await read()).toMatchObject({ kind: 'complete', events: [versions[1]] });
  });
});
