import { describe, expect, it } from 'vitest';
import { createNoticeLog } from '../support/rpc/notice-log.ts';
import { connectRaw, type RawClient } from '../support/rpc/raw-client.ts';
import { startTestServer } from '../support/rpc/server.ts';
import { until } from '../support/until.ts';

async function subscribed(count: number, params?: object) {
  const notices = createNoticeLog(count);
  const server = await startTestServer({ notices });
  const client = await connectRaw(server.paths.readOnly);
  const { result } = await client.ask('notices.subscribe', params);
  return { notices, server, client, result };
}

async function sequence(client: RawClient, count: number): Promise<unknown[]> {
  const seqs: unknown[] = [];
  while (seqs.length < count) {
    const line = await client.next();
    expect(line).toMatchObject({ method: 'notice', params: { subscription: 1 } });
    seqs.push((line!.params!.notice as { seq: number }).seq);
  }
  return seqs;
}

describe('notices.subscribe', () => {
  it('without since sends only what happens from now on', async () => {
    const { client, notices, result } = await subscribed(7);
    expect(result).toEqual({ subscription: 1, oldest: 1, newest: 7 });
    notices.write('relay_down', 'wss://relay.one.example is gone', { severity: 'warning' });
    expect(await client.next()).toMatchObject({
      method: 'notice',
      params: { subscription: 1, notice: { seq: 8, code: 'relay_down', severity: 'warning' } },
    });
  });

  it('with since goes on where the client left off', async () => {
    const { client, notices } = await subscribed(7, { since: 4 });
    notices.write('later', 'x');
    expect(await sequence(client, 4)).toEqual([5, 6, 7, 8]);
  });

  it('tells a client that was away too long what is lost', async () => {
    const notices = createNoticeLog(9);
    notices.forget(5);
    const server = await startTestServer({ notices });
    const client = await connectRaw(server.paths.readOnly);
    expect(await client.ask('notices.subscribe', { since: 2 })).toMatchObject({
      result: { oldest: 6, newest: 9 },
    });
    expect(await sequence(client, 4)).toEqual([6, 7, 8, 9]);
  });

  it('sends new notices to a client that is ahead of a restored log', async () => {
    const { client, notices, result } = await subscribed(3, { since: 100 });
    expect(result).toMatchObject({ newest: 3 });
    notices.write('later', 'x');
    expect(await sequence(client, 1)).toEqual([4]);
  });

  it('in a batch sends its first notice after the answer to the batch', async () => {
    const server = await startTestServer({ notices: createNoticeLog(2) });
    const client = await connectRaw(server.paths.full);
    const subscribe = { jsonrpc: '2.0', id: 1, method: 'notices.subscribe', params: { since: 0 } };
    client.send(`${JSON.stringify([subscribe, { jsonrpc: '2.0', id: 2, method: 'daemon.status' }])}\n`);
    expect(await client.next()).toEqual([
      expect.objectContaining({ id: 1 }),
      expect.objectContaining({ id: 2 }),
    ]);
    expect(await sequence(client, 2)).toEqual([1, 2]);
  });

  it('pulls from the log only as fast as the client reads', async () => {
    const notices = createNoticeLog();
    const long = 'x'.repeat(5_000);
    const count = 2_000;
    for (let n = 0; n < count; n++) notices.write('long', long);
    const server = await startTestServer({ notices });
    const client = await connectRaw(server.paths.full);
    client.socket.pause();
    client.send('{"jsonrpc":"2.0","id":1,"method":"notices.subscribe","params":{"since":0}}\n');
    await until(() => notices.pagesRead > 0, 'the first page');
    const other = await connectRaw(server.paths.full);
    for (let n = 0; n < 20; n++) await other.ask('daemon.status');
    expect(notices.pagesRead).toBeLessThan(count / 100 / 2);
    client.socket.resume();
    await client.next();
    expect(await sequence(client, count)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  });

  it('ends the connection when the log cannot be read, and the daemon goes on', async () => {
    const notices = createNoticeLog(1);
    const broken = { ...notices, read: () => Promise.reject(new Error('disk on fire')) };
    const server = await startTestServer({ notices: broken });
    const client = await connectRaw(server.paths.full);
    await client.ask('notices.subscribe', { since: 0 });
    expect(await client.next()).toBeUndefined();
    expect(server.log.text()).toContain('notices_unreadable');
    expect(await (await connectRaw(server.paths.full)).ask('daemon.status')).toMatchObject({ result: {} });
  });
});

describe('notices.unsubscribe', () => {
  it('ends the stream and leaves the connection', async () => {
    const { client, notices } = await subscribed(0);
    expect(await client.ask('notices.unsubscribe', { subscription: 1 })).toMatchObject({ result: {} });
    notices.write('unheard', 'x');
    expect(await client.ask('daemon.status')).toMatchObject({ result: {} });
  });

  it('knows only subscriptions of its own connection', async () => {
    const { server } = await subscribed(0);
    const other = await connectRaw(server.paths.full);
    expect(await other.ask('notices.unsubscribe', { subscription: 1 })).toMatchObject({
      error: { data: { code: 'not_found' } },
    });
  });
});
