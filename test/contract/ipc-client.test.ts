import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Client, connect } from '../../src/ipc/client.ts';
import { holdCalls } from '../support/rpc/held-call.ts';
import { createNoticeLog } from '../support/rpc/notice-log.ts';
import { packages, status } from '../support/rpc/samples.ts';
import { startTestServer, type TestServerOptions, tempDirectory } from '../support/rpc/server.ts';
import { until } from '../support/until.ts';

async function connected(path: string, timeoutMs = 5_000): Promise<Client> {
  const outcome = await connect(path, { client: 'test', timeoutMs });
  if (outcome.kind !== 'connected') throw new Error('not running');
  onTestFinished(() => outcome.client.close());
  return outcome.client;
}

async function serve(options: TestServerOptions = {}) {
  const server = await startTestServer(options);
  return { server, client: await connected(server.paths.full) };
}

/** Somebody who is no dialogd: answers every line with what `answer` makes of it. */
async function impostor(answer: (line: string, socket: Socket) => string): Promise<string> {
  const path = join(await tempDirectory(), 's');
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => socket.write(answer(data.toString(), socket)));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.close();
  });
  return path;
}

describe('connect', () => {
  it('tells that nobody is there from every failure', async () => {
    const path = join(await tempDirectory(), 'dialogd.sock');
    expect(await connect(path, { client: 'test' })).toEqual({ kind: 'not_running', path });
  });

  it('refuses a path that is too long instead of opening a shorter one', async () => {
    await expect(connect(`/tmp/${'x'.repeat(200)}`, { client: 'test' })).rejects.toMatchObject({
      code: 'config_invalid',
    });
  });

  it('reports a daemon with too many clients as busy', async () => {
    const { server } = await serve({ limits: { connections: 1 } });
    await expect(connect(server.paths.full, { client: 'test' })).rejects.toMatchObject({
      code: 'busy',
      retryAfterSec: 1,
    });
  });

  it('tries once more when the daemon lets it go, and tells that nobody is there when it is let go again', async () => {
    let letGo = 1;
    let connections = 0;
    const path = await impostor((_line, socket) => {
      connections += 1;
      if (connections <= letGo) socket.destroy();
      return '{"jsonrpc":"2.0","id":1,"result":{"version":1,"daemon":"0.1.0","access":"full","features":[]}}\n';
    });
    await connected(path);
    letGo = 9;
    connections = 0;
    expect(await connect(path, { client: 'test' })).toEqual({ kind: 'not_running', path });
    expect(connections).toBe(2);
  });

  it('reports a daemon of another protocol version', async () => {
    const path = await impostor(
      () =>
        '{"jsonrpc":"2.0","id":1,"error":{"code":209,"message":"no","data":{"code":"unsupported","repair":"Upgrade."}}}\n',
    );
    await expect(connect(path, { client: 'test' })).rejects.toMatchObject({ code: 'unsupported' });
  });

  it.each([
    ['rubbish', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'internal'],
    ['a result of the wrong shape', '{"jsonrpc":"2.0","id":1,"result":7}\n', 'malformed'],
    ['an endless line', 'x'.repeat(1_100_000), 'malformed'],
  ])('does not take %s for an answer', async (_what, answer, code) => {
    const path = await impostor(() => answer);
    await expect(connect(path, { client: 'test' })).rejects.toMatchObject({ code });
  });
});

describe('a call', () => {
  it('gives the typed result, and defaults reach the handler', async () => {
    const { client } = await serve();
    expect(await client.call('daemon.status', {})).toEqual(status);
    const { packages: listed } = await client.call('keyPackages.list', { limit: 1 });
    expect(listed).toEqual(packages.slice(0, 1));
  });

  it('throws the error of the daemon with its way out', async () => {
    const { client } = await serve();
    await expect(client.call('notices.unsubscribe', { subscription: 9 })).rejects.toMatchObject({
      name: 'DaemonError',
      code: 'not_found',
    });
  });

  it('ends as busy when no answer comes in time, and its late answer disturbs nobody', async () => {
    const held = holdCalls();
    const { client } = await serve({ handlers: held.handlers });
    await expect(client.call('daemon.wake', {}, 20)).rejects.toMatchObject({ code: 'busy' });
    held.release(0);
    expect(await client.call('daemon.status', {})).toEqual(status);
  });

  it('fails when the daemon goes away, and so does every later one', async () => {
    const { client, server } = await serve({ handlers: holdCalls().handlers, limits: { drainMs: 20 } });
    const waiting = expect(client.call('daemon.wake', {})).rejects.toMatchObject({ code: 'shutting_down' });
    await server.close();
    await waiting;
    await client.closed;
    await expect(client.call('daemon.status', {})).rejects.toMatchObject({ code: 'shutting_down' });
  });
});

describe('notifications', () => {
  it('reach the listeners of their name until they leave', async () => {
    const notices = createNoticeLog(2);
    const { client } = await serve({ notices });
    const heard: number[] = [];
    const leave = client.on('notice', ({ notice }) => heard.push(notice.seq));
    await client.call('notices.subscribe', { since: 0 });
    await until(() => heard.length === 2, 'the stored notices');
    leave();
    notices.write('unheard', 'x');
    await client.call('daemon.status', {});
    expect(heard).toEqual([1, 2]);
  });

  it('of a newer daemon, unknown or of another shape, are passed over', async () => {
    const path = await impostor((line) => {
      const { id } = JSON.parse(line);
      const odd = ['notice', 'toString', 'brand.new'].map(
        (method) => `{"jsonrpc":"2.0","method":"${method}","params":{"odd":1}}\n`,
      );
      return `${odd.join('')}{"jsonrpc":"2.0","id":${id},"result":{"version":1,"daemon":"9","features":[],"new":1}}\n`;
    });
    const client = await connected(path);
    const heard: unknown[] = [];
    client.on('notice', (params) => heard.push(params));
    await client.call('daemon.hello', { versions: { min: 1, max: 1 } });
    expect(heard).toEqual([]);
  });
});
