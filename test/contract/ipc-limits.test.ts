/** Limits, and clients that do not behave: the daemon and everyone else are unaffected. */
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { expect, it } from 'vitest';
import { createManualClock } from '../support/clock.ts';
import { holdCalls } from '../support/rpc/held-call.ts';
import { connectRaw, type Line, type RawClient } from '../support/rpc/raw-client.ts';
import { status } from '../support/rpc/samples.ts';
import { startTestServer, type TestServer } from '../support/rpc/server.ts';
import { until } from '../support/until.ts';

const call = (id: number, method = 'daemon.status'): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method })}\n`;

const busy = { data: { code: 'busy', retryAfterSec: 1, repair: expect.any(String) } };

async function expectServes(server: TestServer): Promise<void> {
  const other = await connectRaw(server.paths.full);
  expect(await other.ask('daemon.status')).toMatchObject({ result: { pid: status.pid } });
  other.socket.destroy();
}

async function answersTo(client: RawClient, count: number): Promise<Line[]> {
  const lines: Line[] = [];
  while (lines.length < count) lines.push((await client.next())!);
  return lines;
}

it('one call too many on a connection is busy, and a finished one makes room', async () => {
  const held = holdCalls();
  const server = await startTestServer({ handlers: held.handlers, limits: { callsInFlight: 3 } });
  const client = await connectRaw(server.paths.full);
  for (let id = 1; id <= 4; id++) client.send(call(id, 'daemon.wake'));
  expect(await client.next()).toMatchObject({ id: 4, error: busy });
  held.release(0);
  expect(await client.next()).toMatchObject({ id: 1, result: {} });
  client.send(call(5, 'daemon.wake'));
  await until(() => held.signals.length === 4, 'the fifth call to begin');
  for (const index of [1, 2, 3]) held.release(index);
  expect((await answersTo(client, 3)).map(({ id }) => id)).toEqual([2, 3, 5]);
});

it('one connection too many is told to come back, and may when another left', async () => {
  const server = await startTestServer({ limits: { connections: 2 } });
  const first = await connectRaw(server.paths.full);
  const second = await connectRaw(server.paths.full);
  await Promise.all([first.ask('daemon.status'), second.ask('daemon.status')]);
  const third = await connectRaw(server.paths.full);
  third.send(call(1));
  expect(await third.next()).toMatchObject({ id: null, error: busy });
  expect(await third.next()).toBeUndefined();
  expect(server.log.lines.filter(({ event }) => event === 'connections_full')).toHaveLength(1);
  first.socket.destroy();
  await until(
    async () => (await (await connectRaw(server.paths.full)).ask('daemon.status')).result,
    'a place',
  );
});

it('connections of one socket do not take places of the other', async () => {
  const server = await startTestServer({ limits: { connections: 1 } });
  await (await connectRaw(server.paths.full)).ask('daemon.status');
  const reader = await connectRaw(server.paths.readOnly);
  expect(await reader.ask('daemon.status')).toMatchObject({ result: { pid: status.pid } });
});

it('a line over the limit is busy, is skipped, and the next one is answered', async () => {
  const server = await startTestServer({ limits: { lineBytes: 4_096 } });
  const client = await connectRaw(server.paths.full);
  client.send('x'.repeat(100_000));
  expect(await client.next()).toMatchObject({ id: null, error: busy });
  client.send(`${'x'.repeat(100_000)}\n${call(2)}`);
  expect(await client.next()).toMatchObject({ id: 2, result: { pid: status.pid } });
});

it('a line of one mebibyte is taken whole', async () => {
  const server = await startTestServer();
  const client = await connectRaw(server.paths.full);
  const padded = call(1).trimEnd().padEnd(1_048_576);
  client.send(`${padded}\n`);
  expect(await client.next()).toMatchObject({ id: 1, result: { pid: status.pid } });
  client.send(`${padded} \n`);
  expect(await client.next()).toMatchObject({ id: null, error: busy });
});

it('a batch over the limit is busy and none of it is done', async () => {
  const held = holdCalls();
  const server = await startTestServer({ handlers: held.handlers, limits: { batchLength: 2 } });
  const client = await connectRaw(server.paths.full);
  const request = { jsonrpc: '2.0', id: 1, method: 'daemon.wake' };
  client.send(`${JSON.stringify([request, request, request])}\n`);
  expect(await client.next()).toMatchObject({ id: null, error: busy });
  expect(held.signals).toEqual([]);
});

it('an answer longer than a line may be becomes an error under the id of the call', async () => {
  const server = await startTestServer({ limits: { lineBytes: 500 } });
  const client = await connectRaw(server.paths.full);
  expect(await client.ask('daemon.status', {}, 'long')).toMatchObject({
    id: 'long',
    error: { data: { code: 'unsupported' } },
  });
});

it('a subscription too many is busy, and ending one makes room', async () => {
  const server = await startTestServer({ limits: { subscriptions: 1 } });
  const client = await connectRaw(server.paths.full);
  const { result } = await client.ask('notices.subscribe');
  expect(await client.ask('notices.subscribe')).toMatchObject({ error: busy });
  await client.ask('notices.unsubscribe', { subscription: result?.subscription });
  expect(await client.ask('notices.subscribe')).toMatchObject({ result: { subscription: 2 } });
});

it('1,000 clients that vanish in mid-write leave the daemon as it was', async () => {
  const server = await startTestServer();
  const patient = await connectRaw(server.paths.full);
  await patient.ask('daemon.status');
  for (let round = 0; round < 50; round++) {
    const sockets = Array.from({ length: 20 }, () => createConnection(server.paths.full));
    for (const socket of sockets) socket.on('error', () => {});
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    for (const socket of sockets) {
      socket.write('{"jsonrpc":"2.0","id":1,"method":"daemon.st');
      socket.destroy();
    }
    await expectServes(server);
  }
  expect(await patient.ask('daemon.status')).toMatchObject({ result: { pid: status.pid } });
});

it('a client that never reads is read from no further, and nobody else notices', async () => {
  const server = await startTestServer();
  const client = await connectRaw(server.paths.full);
  client.socket.pause();
  const chunks = 400;
  let taken = 0;
  const send = (): void => {
    client.socket.write(call(1).repeat(50), (error) => {
      if (error) return;
      taken += 1;
      if (taken < chunks) send();
    });
  };
  send();
  await until(async () => {
    const before = taken;
    for (let n = 0; n < 5; n++) await expectServes(server);
    return taken > 0 && taken === before;
  }, 'the daemon to begin reading and to stop');
  expect(taken).toBeLessThan(chunks);
  client.socket.destroy();
  await expectServes(server);
});

it('a client that has too much waiting for it is disconnected', async () => {
  const server = await startTestServer({ limits: { writeBufferBytes: 100_000 } });
  const client = await connectRaw(server.paths.full);
  client.socket.pause();
  const closed = once(client.socket, 'close');
  const batch = Array.from({ length: 8 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'rpc.discover' }));
  client.send(`${JSON.stringify(batch)}\n`);
  await until(() => {
    client.socket.resume();
    return client.socket.destroyed;
  }, 'the end of the connection');
  await closed;
  await expectServes(server);
});

it('rubbish is answered with errors, and the connection and the daemon go on', async () => {
  const server = await startTestServer();
  const client = await connectRaw(server.paths.full);
  const rubbish = Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7919 + 13) % 256));
  client.send(rubbish);
  client.send(`\n${call(99)}`);
  let line = await client.next();
  for (; line?.id !== 99; line = await client.next()) expect(line).toMatchObject({ id: null, error: {} });
  expect(line).toMatchObject({ result: { pid: status.pid } });
  await expectServes(server);
});

it('a line that comes a byte at a time and never ends is cut off, and nobody else notices', async () => {
  const clock = createManualClock();
  const server = await startTestServer({ clock, limits: { lineMs: 30_000 } });
  const dripping = await connectRaw(server.paths.full);
  const patient = await connectRaw(server.paths.full);
  await patient.ask('daemon.status');
  for (let sec = 0; sec < 30; sec++) {
    dripping.send(sec === 0 ? `${call(1)}{` : ' ');
    if (sec === 0) expect(await dripping.next()).toMatchObject({ id: 1 });
    await expectServes(server);
    clock.advance(1);
  }
  expect(await dripping.next()).toMatchObject({ id: null, error: { data: { code: 'malformed' } } });
  expect(await dripping.next()).toBeUndefined();
  clock.advance(3_600);
  expect(await patient.ask('daemon.status')).toMatchObject({ result: { pid: status.pid } });
});

it('a line that ends in time leaves no timer, also when another one follows it', async () => {
  const clock = createManualClock();
  const server = await startTestServer({ clock });
  const client = await connectRaw(server.paths.full);
  client.send('{"jsonrpc":"2.0"');
  await until(() => clock.pending() === 1, 'the timer of the line');
  clock.advance(29);
  client.send(`,"id":1,"method":"daemon.status"}\n${call(2)}{"jsonrpc"`);
  for (const id of [1, 2]) expect(await client.next()).toMatchObject({ id });
  clock.advance(29);
  client.send(`:"2.0","id":3,"method":"daemon.status"}\n`);
  expect(await client.next()).toMatchObject({ id: 3 });
  expect(clock.pending()).toBe(0);
});

it('a flood of short lines on one connection waits its turn, and another client gets its own', async () => {
  const server = await startTestServer();
  const flooding = await connectRaw(server.paths.full);
  const patient = await connectRaw(server.paths.full);
  const lines = 5_000;
  let answered = 0;
  flooding.socket.on('data', (chunk: Buffer) => {
    answered += chunk.filter((byte) => byte === 0x0a).length;
  });
  flooding.send('7\n'.repeat(lines));
  await until(() => answered > 0, 'the flood to begin');
  await patient.ask('daemon.status');
  expect(answered).toBeLessThan(lines / 2);
});

it('every line of many in one chunk is answered, also when the client says no more after it', async () => {
  const server = await startTestServer();
  const client = await connectRaw(server.paths.full);
  client.socket.end(Array.from({ length: 1_000 }, (_, id) => call(id)).join(''));
  const ids = new Set((await answersTo(client, 1_000)).map(({ id }) => id));
  expect(ids.size).toBe(1_000);
  expect(await client.next()).toBeUndefined();
});

it('sixty clients that do every wrong thing at once leave the daemon as it was', async () => {
  const server = await startTestServer();
  const wrongs = await Promise.all(Array.from({ length: 60 }, () => connectRaw(server.paths.readOnly)));
  for (const [index, { socket, send }] of wrongs.entries()) {
    if (index % 3 === 0) send(Buffer.alloc(7_000, '\u0000\n{"a":'));
    else if (index % 3 === 1) send('[{"jsonrpc":"2.0","method":'.padEnd(1_000_000));
    else socket.pause().write(call(1, 'rpc.discover').repeat(30));
  }
  const patient = await connectRaw(server.paths.readOnly);
  for (let id = 1; id <= 20; id++) {
    expect(await patient.ask('daemon.status', {}, id)).toMatchObject({ id, result: {} });
  }
  for (const { socket } of wrongs) socket.destroy();
  await expectServes(server);
});

it('a call is told by its signal when its client is gone', async () => {
  const held = holdCalls();
  const server = await startTestServer({ handlers: held.handlers });
  const client = await connectRaw(server.paths.full);
  client.send(call(1, 'daemon.wake'));
  await until(() => held.signals.length === 1, 'the call to begin');
  expect(held.signals[0]!.aborted).toBe(false);
  client.socket.destroy();
  await until(() => held.signals[0]!.aborted, 'the signal');
  held.release(0);
  await expectServes(server);
});
