/** Whose process is at the other end, where the system tells. */
import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { loadLibc } from '../../src/native/libc.ts';
import { connectRaw } from '../support/rpc/raw-client.ts';
import { startTestServer } from '../support/rpc/server.ts';

const libc = loadLibc();
const ours = process.geteuid?.() ?? 0;
const NOBODY = 65_534;

const forbidden = {
  id: null,
  error: { code: 210, data: { code: 'forbidden', repair: expect.stringContaining('as root') } },
};

it.skipIf(libc === undefined)('a client of the same user is recognised as one, and served', async () => {
  const seen: (number | undefined)[] = [];
  const server = await startTestServer({
    peerUid: (fd) => {
      const uid = libc?.peerUid(fd);
      seen.push(uid);
      return uid;
    },
  });
  expect(await (await connectRaw(server.paths.full)).ask('daemon.status')).toHaveProperty('result');
  expect(seen).toEqual([ours]);
});

it.each([
  ['ours', ours, 'served'],
  ['root', 0, 'served'],
  ['somebody else', ours + 1, 'turned away'],
  ['nobody knows', undefined, 'turned away'],
])('a client of %s is %s', async (_, uid, fate) => {
  const server = await startTestServer({ peerUid: () => uid });
  for (const path of [server.paths.full, server.paths.readOnly]) {
    const client = await connectRaw(path);
    const answer = await client.ask('daemon.status');
    if (fate === 'served') expect(answer).toHaveProperty('result');
    else expect([answer, await client.next()]).toMatchObject([forbidden, undefined]);
  }
});

it('a flood of strangers is one line in the log, and takes no place of anybody', async () => {
  let uid = ours + 1;
  const server = await startTestServer({ peerUid: () => uid, limits: { connections: 1 } });
  for (let times = 0; times < 100; times++) await connectRaw(server.paths.full);
  expect(server.log.lines.filter(({ event }) => event === 'client_refused')).toHaveLength(1);
  uid = ours;
  expect(await (await connectRaw(server.paths.full)).ask('daemon.status')).toHaveProperty('result');
});

it.skipIf(libc === undefined || ours !== 0)(
  'another user is turned away, even where the modes of the files would let them in',
  async () => {
    const server = await startTestServer({ peerUid: (fd) => libc?.peerUid(fd) });
    const path = server.paths.readOnly;
    // As an operator may have left them who knew no better.
    for (const directory of [dirname(server.runtimeDir), server.runtimeDir]) await chmod(directory, 0o711);
    await chmod(path, 0o666);
    // A socket remembers who its process was at the moment it connected, which for a path is at once.
    process.seteuid?.(NOBODY);
    const connecting = connectRaw(path);
    process.seteuid?.(ours);
    expect(await (await connecting).next()).toMatchObject(forbidden);
  },
);
