import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/daemon/system.ts';
import type { RelayUrl } from '../../src/ids.ts';
import { createManualClock } from '../support/clock.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { createAccount } from '../support/nostr.ts';
import { startRelay } from '../support/relay.ts';
import { ago, forThisTest, listen, startClient } from '../support/relay-client.ts';
import { listenOnLoopback } from '../support/relay-server.ts';
import { until } from '../support/until.ts';

const stranger = createAccount('stranger');
const wraps = { kinds: [1059] };

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A relay address where nobody listens, and the port to appear at later. */
async function deserted(): Promise<{ url: RelayUrl; port: number }> {
  const relay = await startRelay();
  await relay.stop();
  return { url: relay.url, port: relay.port };
}

describe('a relay that is not there', () => {
  test('is tried again after a failed first connection, and served once it appears', async () => {
    const { url, port } = await deserted();
    const client = startClient([url]);
    const heard = listen(client, wraps);
    await until(() => client.state(url).failures >= 2, 'two failed attempts');
    expect(client.state(url)).toMatchObject({ lastError: 'connection refused', connectedAt: undefined });

    const relay = await forThisTest(startRelay({ port }));
    const wrap = stranger.sign({ kind: 1059 });
    relay.repository.store(wrap);
    await until(() => heard.ids().includes(wrap.id), 'the wrap');
    await until(() => client.state(url).caughtUp, 'the end of stored events');
    expect(client.state(url)).toMatchObject({ phase: 'connected', retryAt: undefined, caughtUp: true });
  });

  test('says when it is tried again, and why it failed', async () => {
    const { url } = await deserted();
    const client = startClient([url], { limits: { backoffBaseMs: 60_000, backoffCapMs: 60_000 } });
    const state = await until(
      () => (client.state(url).phase === 'backing_off' ? client.state(url) : null),
      'back-off',
    );
    expect(state).toMatchObject({ lastError: 'connection refused', failures: 1 });
    expect(state.retryAt).toBeGreaterThan(systemClock.now());
    expect(state.retryAt).toBeLessThanOrEqual(systemClock.now() + 61);
  });

  test('is not tried again once the daemon has closed', async () => {
    const { url } = await deserted();
    const clock = createManualClock();
    const client = startClient([url], { clock });
    await until(() => client.state(url).phase === 'backing_off', 'back-off');
    await client.close();
    expect(client.state(url)).toMatchObject({ phase: 'closed', retryAt: undefined });
    expect(clock.pending()).toBe(0);
  });

  test('gets no event: a publish is not_sent, a fetch fails, and the reason is told', async () => {
    const { url } = await deserted();
    const client = startClient([url]);
    await until(() => client.state(url).failures > 0, 'a failed attempt');
    const reason = 'not connected: connection refused';
    expect(await client.publish(url, stranger.sign())).toEqual({ kind: 'not_sent', reason });
    expect(await client.fetch(url, wraps)).toEqual({ kind: 'failed', reason });
  });
});

describe('something that is not a relay', () => {
  const webServer = () => createHttpServer((_, response) => response.writeHead(404).end());
  const mailServer = () => createServer((socket) => void socket.end('220 mail\r\n'));
  const hangingUp = () => createServer((socket) => void socket.destroy());
  const silent = () => createServer(() => {});

  test.each([
    ['a web server', webServer, {}, 'not a relay: HTTP 404'],
    ['a server of another protocol', mailServer, {}, 'not a relay: does not speak HTTP'],
    ['a server that hangs up', hangingUp, {}, 'connection reset'],
    ['a server that says nothing', silent, { connectMs: 100 }, 'no answer within 0.1 s'],
  ])('%s is named as such', async (_, create, limits, reason) => {
    const url = `ws://127.0.0.1:${await portOf(create())}` as RelayUrl;
    const client = startClient([url], { limits });
    await until(() => client.state(url).lastError, 'an error');
    expect(client.state(url).lastError).toBe(reason);
  });

  test('a relay without TLS behind a wss address is named as such', async () => {
    const relay = await forThisTest(startRelay());
    const url = relay.url.replace('ws:', 'wss:') as RelayUrl;
    const client = startClient([url]);
    await until(() => client.state(url).lastError, 'an error');
    expect(client.state(url).lastError).toBe('TLS: the relay does not speak TLS on this port');
  });
});

describe('a connection that breaks', () => {
  test('comes back, and backdated gift wraps published meanwhile are seen', async () => {
    const relay = await startRelay();
    const client = startClient([relay.url]);
    const heard = listen(client, wraps);
    const first = stranger.sign({ kind: 1059, created_at: ago(0) });
    await until(() => heard.caughtUp.length === 1, 'the first reading');
    expect(await client.publish(relay.url, first)).toMatchObject({ kind: 'accepted' });
    await until(() => heard.ids().length === 1, 'the live wrap');

    await relay.stop();
    await until(() => client.state(relay.url).phase !== 'connected', 'the loss');
    const backdated = stranger.sign({ kind: 1059, created_at: ago(2 * 86_400) });
    relay.repository.store(backdated);
    await forThisTest(startRelay({ port: relay.port, repository: relay.repository }));
    await until(() => heard.ids().includes(backdated.id), 'the backdated wrap');
    expect(heard.caughtUp).toHaveLength(2);
  });

  test('a publish while down leaves the standing subscription whole', async () => {
    const relay = await startRelay();
    const client = startClient([relay.url]);
    const heard = listen(client, wraps);
    await until(() => heard.caughtUp.length === 1, 'the first reading');
    await relay.stop();
    await until(() => client.state(relay.url).phase !== 'connected', 'the loss');
    expect(await client.publish(relay.url, stranger.sign())).toMatchObject({ kind: 'not_sent' });

    await forThisTest(startRelay({ port: relay.port }));
    await until(() => heard.caughtUp.length === 2, 'the second reading');
    const live = stranger.sign({ kind: 1059 });
    await client.publish(relay.url, live);
    await until(() => heard.ids().includes(live.id), 'a live wrap after it all');
  });

  test('a subscription made during back-off opens with the connection', async () => {
    const { url, port } = await deserted();
    const client = startClient([url]);
    await until(() => client.state(url).phase === 'backing_off', 'back-off');
    const heard = listen(client, wraps);
    await forThisTest(startRelay({ port }));
    await until(() => heard.caughtUp.length === 1, 'the reading');
  });

  const quickToAsk = { askAfterMs: 50, replyMs: 50 };

  test('that dies silently is found out', async () => {
    const frozen = await forThisTest(
      listenOnLoopback({ onConnection: (socket) => socket.on('message', () => socket.pause()) }),
    );
    const client = startClient([frozen.url], { limits: quickToAsk });
    listen(client, wraps);
    await until(() => client.state(frozen.url).lastError, 'an error');
    expect(client.state(frozen.url).lastError).toBe('connection lost: no answer');
  });

  test('to a server that answers WebSocket pings and nothing else is found out too', async () => {
    const deaf = await forThisTest(
      listenOnLoopback({ onConnection: (socket) => socket.on('message', () => {}) }),
    );
    const client = startClient([deaf.url], { limits: quickToAsk });
    await until(() => client.state(deaf.url).phase === 'connected', 'the connection');
    expect(client.state(deaf.url).answering).toBe(false);
    await until(() => client.state(deaf.url).lastError, 'an error');
    expect(client.state(deaf.url).lastError).toBe('connection lost: no answer');
  });

  test('to a relay that answers when asked is kept, however long nothing happens', async () => {
    const relay = await forThisTest(startRelay());
    const questions: unknown[] = [];
    const proxy = await forThisTest(
      startFaultProxy({
        upstream: relay.url,
        decide({ direction, message }) {
          if (direction === 'to_relay' && message[0] === 'REQ') questions.push(message);
          return undefined;
        },
      }),
    );
    const client = startClient([proxy.url], { limits: { askAfterMs: 10, replyMs: 5_000 } });
    await until(() => questions.length >= 3, 'three questions');
    expect(client.state(proxy.url)).toMatchObject({
      phase: 'connected',
      answering: true,
      lastError: undefined,
    });
  });

  test('on request is made anew, and what stands open is opened again', async () => {
    const relay = await forThisTest(startRelay());
    const client = startClient([relay.url]);
    const heard = listen(client, wraps);
    await until(() => heard.caughtUp.length === 1, 'the first reading');
    client.reconnect();
    await until(() => heard.caughtUp.length === 2, 'the second reading');
    expect(relay.connections()).toBe(1);
  });
});

describe('what states() tells', () => {
  test('the clock offset comes from the Date of the upgrade response', async () => {
    const slow = await forThisTest(startRelay({ dateOffsetSec: -600 }));
    const silent = await forThisTest(startRelay());
    const client = startClient([slow.url, silent.url]);
    await until(() => client.states().every(({ phase }) => phase === 'connected'), 'both');
    expect(client.state(slow.url).clockOffsetSec).toBeGreaterThanOrEqual(599);
    expect(client.state(slow.url).clockOffsetSec).toBeLessThanOrEqual(602);
    expect(client.state(silent.url).clockOffsetSec).toBeUndefined();
  });

  test('every phase is announced to listeners, from connecting to closed', async () => {
    const relay = await forThisTest(startRelay());
    const client = startClient([]);
    const phases: string[] = [];
    client.onChange(() => {
      const phase = client.states()[0]?.phase;
      if (phase !== undefined && phases.at(-1) !== phase) phases.push(phase);
    });
    client.use([relay.url]);
    await until(() => client.state(relay.url).phase === 'connected', 'the connection');
    relay.dropConnections();
    await until(() => phases.filter((phase) => phase === 'connected').length === 2, 'the second connection');
    await client.close();
    expect(phases).toEqual(['connecting', 'connected', 'backing_off', 'connecting', 'connected', 'closed']);
  });
});

describe('the relays in use', () => {
  test('change with use(): others are closed, new ones get every subscription', async () => {
    const [one, two] = [await forThisTest(startRelay()), await forThisTest(startRelay())];
    const client = startClient([one.url]);
    const heard = listen(client, wraps);
    await until(() => heard.caughtUp.length === 1, 'the first relay');
    client.use([two.url, two.url]);
    await until(() => heard.caughtUp.some(({ relay }) => relay === two.url), 'the second relay');
    expect(client.states().map(({ url }) => url)).toEqual([two.url]);
    await until(() => one.connections() === 0, 'the first relay to be left');
    expect(await client.publish(one.url, stranger.sign())).toMatchObject({ kind: 'not_sent' });
  });

  test('are no more than the limit, however long the list', async () => {
    const relays = await Promise.all([1, 2, 3].map(() => forThisTest(startRelay())));
    const client = startClient(
      relays.map(({ url }) => url),
      { limits: { relays: 2 } },
    );
    expect(client.states()).toHaveLength(2);
  });

  test('are closed within a second even when one does not answer, and stay closed', async () => {
    const frozen = await forThisTest(listenOnLoopback({ onConnection: (socket) => socket.pause() }));
    const relay = await forThisTest(startRelay());
    const client = startClient([frozen.url, relay.url]);
    await until(() => client.states().every(({ phase }) => phase === 'connected'), 'both');
    const started = performance.now();
    await Promise.all([client.close(), client.close()]);
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(client.states().map(({ phase }) => phase)).toEqual(['closed', 'closed']);
    client.use([relay.url]);
    expect(client.states().map(({ phase }) => phase)).toEqual(['closed', 'closed']);
    expect(relay.connections()).toBe(0);
  });
});
