import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RelayUrl } from '../../src/ids.ts';
import { defaultLimits } from '../../src/relay/limits.ts';
import { createManualClock } from '../support/clock.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { createAccount } from '../support/nostr.ts';
import { startRelay } from '../support/relay.ts';
import { ago, forThisTest, listen, startClient } from '../support/relay-client.ts';
import { listenOnLoopback } from '../support/relay-server.ts';
import { until } from '../support/until.ts';

const sender = createAccount('sender');
const anything = {};

/** A client that listens to everything, and a proxy through which it can be told anything. */
async function victim() {
  const relay = await forThisTest(startRelay());
  const proxy = await forThisTest(startFaultProxy({ upstream: relay.url }));
  const client = startClient([proxy.url]);
  const heard = listen(client, anything);
  await until(() => heard.caughtUp.length === 1, 'the reading');
  const id = proxy.received().find(([type]) => type === 'REQ')?.[1];
  return { proxy, client, heard, id };
}

describe('a relay that talks nonsense', () => {
  test('is not believed, and the connection goes on', async () => {
    const { proxy, client, heard, id } = await victim();
    const frames: (string | Buffer)[] = [
      '',
      'null',
      '"EVENT"',
      '{"EVENT":true}',
      '[[["EVENT"]]]',
      '['.repeat(300_000),
      `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      'x'.repeat(1024 * 1024),
      Buffer.from([0, 255, 254]),
      Buffer.from(JSON.stringify(['EVENT', id, sender.sign()])),
      `["EVENT","${id}",{"__proto__":{"polluted":true}}]`,
    ];
    for (const frame of frames) proxy.say(frame);
    const types = fc.constantFrom('EVENT', 'EOSE', 'CLOSED', 'OK', 'AUTH', 'NOTICE', 'AUTH ');
    const values = fc.oneof(fc.constant(id), fc.jsonValue());
    const nonsense = fc.sample(fc.tuple(types, fc.jsonValue(), values, values), { numRuns: 300, seed: 7 });
    for (const message of nonsense) proxy.say(JSON.stringify(message));

    const event = sender.sign({ content: 'sense' });
    expect(await client.publish(proxy.url, event)).toMatchObject({ kind: 'accepted' });
    await until(() => heard.events.length > 0, 'the event');
    expect(heard.events).toEqual([event]);
    expect(client.state(proxy.url)).toMatchObject({ phase: 'connected', failures: 0, lastError: undefined });
  });

  test('that sends more than a message may hold is left, and tried again later', async () => {
    const { proxy, client, heard } = await victim();
    proxy.say('x'.repeat(defaultLimits.messageBytes + 1));
    await until(() => heard.caughtUp.length === 2, 'the second reading');
    expect(client.state(proxy.url).lastError).toBe('sent a message that is too large');
  });

  test('that leaves the WebSocket protocol is left, and tried again later', async () => {
    let upgrades = 0;
    const server = createServer().on('upgrade', (request, socket) => {
      upgrades += 1;
      const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = createHash('sha1').update(key).digest('base64');
      socket.write(
        `HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.write(Buffer.from([0xff, 0xff, 0xff]));
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => server.closeAllConnections());
    onTestFinished(() => void server.close());
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}` as RelayUrl;
    const client = startClient([url]);
    await until(() => upgrades > 1, 'the second attempt');
    expect(client.state(url).lastError).toBe('broke the WebSocket protocol');
  });

  test('that floods is read at a bounded pace, and nothing is lost', async () => {
    const total = 2_000;
    const words = 'x'.repeat(10_000);
    const flooding = await forThisTest(
      listenOnLoopback({
        onConnection(socket) {
          for (let n = 0; n < total; n++) socket.send(JSON.stringify(['NOTICE', words]));
        },
      }),
    );
    const clock = createManualClock(ago(0));
    const client = startClient([flooding.url], { clock, limits: { messagesPerSec: 100 } });
    const read = () => client.lines.lines.filter(({ event }) => event === 'relay_notice').length;
    await until(() => read() >= 100, 'the first hundred');
    const bystander = await forThisTest(startRelay());
    const calm = startClient([bystander.url]);
    await until(() => calm.state(bystander.url).phase === 'connected', 'another relay');
    for (let n = 0; n < 10; n++) await calm.publish(bystander.url, sender.sign({ created_at: n }));
    expect(read()).toBeLessThan(500);
    await until(() => {
      clock.advance(1);
      return read() === total;
    }, 'the whole flood');
    expect(client.state(flooding.url).phase).toBe('connected');
  });
});
