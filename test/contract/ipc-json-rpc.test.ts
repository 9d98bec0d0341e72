/** JSON-RPC 2.0 (jsonrpc.org/specification) as seen by a client that speaks lines. */
import { beforeEach, describe, expect, it } from 'vitest';
import { holdCalls } from '../support/rpc/held-call.ts';
import { connectRaw, type Line, type RawClient } from '../support/rpc/raw-client.ts';
import { startTestServer, type TestServer } from '../support/rpc/server.ts';

let server: TestServer;
let client: RawClient;
let wakes: number;

beforeEach(async () => {
  wakes = 0;
  const wake = async () => {
    wakes += 1;
    return {};
  };
  const explode = () => {
    throw new TypeError('nsec1canary');
  };
  server = await startTestServer({ handlers: { 'daemon.wake': wake, 'identity.show': explode } });
  client = await connectRaw(server.paths.full);
});

const wakeCall = (id?: unknown): object => ({ jsonrpc: '2.0', method: 'daemon.wake', id });
const ping = { jsonrpc: '2.0', method: 'daemon.wake', id: 'ping' };

async function say(text: string | Uint8Array): Promise<Line | Line[] | undefined> {
  client.send(text);
  client.send('\n');
  return client.next<Line | Line[]>();
}

/** Sends lines that must not be answered, and proves it by a call whose answer comes first. */
async function expectSilence(text: string): Promise<void> {
  client.send(`${text}\n${JSON.stringify(ping)}\n`);
  expect(await client.next()).toEqual({ jsonrpc: '2.0', id: 'ping', result: {} });
}

describe('a single request', () => {
  it.each([[1], ['a'], [null], [1.5], ['']])('is answered with its id, %j', async (id) => {
    expect(await say(JSON.stringify(wakeCall(id)))).toEqual({ jsonrpc: '2.0', id, result: {} });
  });

  it('without an id is done and not answered', async () => {
    await expectSilence(JSON.stringify(wakeCall()));
    expect(wakes).toBe(2);
  });

  it('without an id is not answered even when it fails', async () => {
    await expectSilence('{"jsonrpc":"2.0","method":"no.such"}');
    await expectSilence('{"jsonrpc":"2.0","method":"daemon.wake","params":{"no":1}}');
  });

  it('with a carriage return before the newline is understood, and an empty line is not one', async () => {
    client.send('\n\r\n');
    expect(await say(`${JSON.stringify(ping)}\r`)).toMatchObject({ id: 'ping', result: {} });
  });
});

describe('what is no request', () => {
  it.each([
    ['half an object', '{"jsonrpc": "2.0", "method'],
    ['no JSON', 'hello?'],
    ['half a batch', '[{"jsonrpc":"2.0"'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('%s is a parse error, and the connection goes on', async (_what, text) => {
    expect(await say(text)).toMatchObject({ id: null, error: { code: -32700, data: { code: 'malformed' } } });
    await expectSilence('');
  });

  it.each([
    ['null', null, null],
    ['a number', 7, null],
    ['a string', 'x', null],
    ['an empty batch', [], null],
    ['an object without method', { jsonrpc: '2.0', id: 3 }, 3],
    ['params that are a number', { ...ping, params: 7 }, 'ping'],
    ['params that are null', { ...ping, params: null }, 'ping'],
    ['a method that is a number', { ...ping, method: 1 }, 'ping'],
    ['an id that is an object', { ...ping, id: {} }, null],
    ['version 1', { method: 'daemon.wake', params: [], id: 4 }, 4],
    ['an answer', { jsonrpc: '2.0', id: 5, result: {} }, 5],
  ])('%s is an invalid request', async (_what, value, id) => {
    expect(await say(JSON.stringify(value))).toMatchObject({
      jsonrpc: '2.0',
      id,
      error: { code: -32600, data: { code: 'malformed' } },
    });
    expect(wakes).toBe(0);
  });
});

describe('a batch', () => {
  it('of one is answered with an array', async () => {
    expect(await say(JSON.stringify([ping]))).toEqual([{ jsonrpc: '2.0', id: 'ping', result: {} }]);
  });

  it('mixes calls, notifications and rubbish, and only notifications go unanswered', async () => {
    const answers = await say(
      JSON.stringify([wakeCall(1), wakeCall(), 1, null, [], { foo: 'boo' }, { ...ping, method: 'no.such' }]),
    );
    expect((answers as Line[]).map(({ id, error }) => [id, error?.code])).toEqual([
      [1, undefined],
      [null, -32600],
      [null, -32600],
      [null, -32600],
      [null, -32600],
      ['ping', -32601],
    ]);
    expect(wakes).toBe(2);
  });

  it('of notifications alone is not answered at all', async () => {
    await expectSilence(JSON.stringify([wakeCall(), wakeCall()]));
    expect(wakes).toBe(3);
  });
});

describe('errors', () => {
  it('name a method that does not exist, also one that every object has', async () => {
    for (const method of ['no.such', 'toString', '__proto__', 'constructor']) {
      expect(await client.ask(method)).toMatchObject({
        error: { code: -32601, data: { code: 'unsupported' } },
      });
    }
  });

  it.each([
    ['by position', 'daemon.wake', [1]],
    ['unknown', 'daemon.wake', { hurry: true }],
    ['of the wrong type', 'keyPackages.list', { all: 'yes' }],
    ['out of range', 'notices.subscribe', { since: -1 }],
    ['missing', 'daemon.hello', {}],
    ['that try the prototype', 'daemon.wake', JSON.parse('{"__proto__":{"a":1}}')],
  ])('name parameters that are %s', async (_what, method, params) => {
    const { error } = await client.ask(method, params);
    expect(error).toMatchObject({ code: -32602, data: { code: 'invalid_argument' } });
  });

  it('name every wrong parameter at once', async () => {
    const { error } = await client.ask('relays.publishLists', { write: ['http://x'], inbox: [], also: 1 });
    for (const problem of ['write.0', 'inbox', 'also']) expect(error?.message).toContain(problem);
  });

  it('hide a bug from the client and show it to the log', async () => {
    const answer = await client.ask('identity.show');
    expect(answer).toMatchObject({ error: { code: -32603, data: { code: 'internal' } } });
    expect(JSON.stringify(answer)).not.toContain('canary');
    expect(server.log.lines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        event: 'call_failed',
        fields: { method: 'identity.show', error: expect.any(TypeError) },
      }),
    );
  });
});

describe('daemon.hello', () => {
  it('agrees on a version and tells the features', async () => {
    const { result } = await client.ask('daemon.hello', { versions: { min: 1, max: 9 }, client: 'test' });
    expect(result).toEqual({ version: 1, daemon: '0.1.0', features: ['batch', 'progress', 'notices'] });
  });

  it('refuses a range it does not meet, and one that is none', async () => {
    const tooNew = await client.ask('daemon.hello', { versions: { min: 2, max: 9 } });
    expect(tooNew.error).toMatchObject({ data: { code: 'unsupported', repair: 'upgrade dialogd' } });
    const backwards = await client.ask('daemon.hello', { versions: { min: 2, max: 1 } });
    expect(backwards.error).toMatchObject({ data: { code: 'invalid_argument' } });
  });
});

it('calls are worked on side by side: a slow one does not hold up a quick one', async () => {
  const held = holdCalls();
  const slow = await startTestServer({ handlers: held.handlers });
  const both = await connectRaw(slow.paths.full);
  both.send(`${JSON.stringify(wakeCall('slow'))}\n`);
  expect(await both.ask('daemon.status', {}, 'quick')).toMatchObject({ id: 'quick' });
  held.release(0);
  expect(await both.next()).toMatchObject({ id: 'slow' });
});

it('a client that closes its side after asking still gets its answer, and then the end', async () => {
  client.socket.end(`${JSON.stringify(ping)}\n`);
  expect(await client.next()).toMatchObject({ id: 'ping', result: {} });
  expect(await client.next()).toBeUndefined();
});

describe('progress', () => {
  it('comes on the same connection, before the answer, under the token of the call', async () => {
    client.send(
      `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'keyPackages.refresh', params: { wait: true, progressToken: 'p' } })}\n`,
    );
    const done: unknown[] = [];
    for (let line = await client.next(); line?.method === 'progress'; line = await client.next()) {
      expect(line.params).toMatchObject({ token: 'p', total: 11 });
      done.push(line.params?.done);
    }
    expect(done).toEqual([0, 6, 11]);
  });

  it('is not sent to a client that did not ask', async () => {
    expect(await client.ask('keyPackages.refresh', { wait: true })).toMatchObject({ result: { done: true } });
  });
});
