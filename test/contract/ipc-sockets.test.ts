/** The files: who may open them, what is replaced, what is left alone. */

import { chmod, chown, lstat, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { holdCalls } from '../support/rpc/held-call.ts';
import { connectRaw } from '../support/rpc/raw-client.ts';
import { startTestServer, tempDirectory } from '../support/rpc/server.ts';
import { until } from '../support/until.ts';

const modeOf = async (path: string): Promise<number> => (await lstat(path)).mode & 0o777;
const refusedAs = (code: string) => expect.objectContaining({ code, repair: expect.any(String) });

describe('while it runs', () => {
  it('the directory and both sockets are open to their owner alone, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      const { runtimeDir, paths } = await startTestServer();
      expect(await modeOf(runtimeDir)).toBe(0o700);
      for (const path of [paths.full, paths.readOnly]) expect((await modeOf(path)) & 0o077).toBe(0);
      expect(process.umask()).toBe(0);
    } finally {
      process.umask(before);
    }
  });

  it('the directory holds the two sockets and nothing else', async () => {
    const { runtimeDir } = await startTestServer();
    expect((await readdir(runtimeDir)).sort()).toEqual(['dialogd-ro.sock', 'dialogd.sock']);
  });

  it('the read-only socket answers questions and refuses every change', async () => {
    const { paths } = await startTestServer();
    const client = await connectRaw(paths.readOnly);
    expect(await client.ask('daemon.status')).toMatchObject({ result: { pid: 4242 } });
    const urls = ['wss://relay.one.example'];
    for (const [method, params] of [
      ['daemon.wake', {}],
      ['keyPackages.refresh', {}],
      ['relays.publishLists', { write: urls, inbox: urls }],
      ['keyPackages.refresh', { nonsense: true }],
    ] as const) {
      expect(await client.ask(method, params)).toMatchObject({
        error: { code: 207, data: { code: 'read_only', repair: 'use the full socket, dialogd.sock' } },
      });
    }
  });
});

describe('at the start', () => {
  it('a directory that others may enter is refused and not changed', async () => {
    const runtimeDir = await tempDirectory();
    await chmod(runtimeDir, 0o710);
    await expect(startTestServer({ runtimeDir })).rejects.toEqual(refusedAs('path_unsafe'));
    expect(await modeOf(runtimeDir)).toBe(0o710);
    expect(await readdir(runtimeDir)).toEqual([]);
  });

  it('a link is refused, also when it leads to a good directory', async () => {
    const directory = await tempDirectory();
    await mkdir(join(directory, 'real'), { mode: 0o700 });
    await symlink('real', join(directory, 'link'));
    const starting = startTestServer({ runtimeDir: join(directory, 'link') });
    await expect(starting).rejects.toEqual(refusedAs('path_unsafe'));
  });

  it('a file in the place of the directory is refused', async () => {
    const file = join(await tempDirectory(), 'file');
    await writeFile(file, '');
    await expect(startTestServer({ runtimeDir: file })).rejects.toEqual(refusedAs('path_unsafe'));
  });

  it.skipIf(process.geteuid?.() !== 0)('a directory of another user is refused', async () => {
    const directory = join(await tempDirectory(), 'foreign');
    await mkdir(directory, { mode: 0o700 });
    await chown(directory, 65_534, 65_534);
    await expect(startTestServer({ runtimeDir: directory })).rejects.toEqual(refusedAs('path_unsafe'));
  });

  it.skipIf(process.geteuid?.() === 0)('a directory of root is refused to anybody else', async () => {
    await expect(startTestServer({ runtimeDir: '/' })).rejects.toEqual(refusedAs('path_unsafe'));
  });

  it('a file or link in the place of a socket is refused and left alone', async () => {
    const runtimeDir = await tempDirectory();
    await writeFile(join(runtimeDir, 'precious'), 'data');
    await symlink('precious', join(runtimeDir, 'dialogd-ro.sock'));
    await expect(startTestServer({ runtimeDir })).rejects.toEqual(refusedAs('path_unsafe'));
    expect((await readdir(runtimeDir)).sort()).toEqual(['dialogd-ro.sock', 'precious']);
  });

  it('the socket of a daemon that was killed is replaced', async () => {
    const runtimeDir = await tempDirectory();
    const path = join(runtimeDir, 'dialogd.sock');
    const killed = createServer();
    // libuv unlinks the name it bound; renamed, the socket stays behind as after SIGKILL.
    await new Promise<void>((resolve) => killed.listen(`${path}.old`, resolve));
    await rename(`${path}.old`, path);
    await new Promise((resolve) => killed.close(resolve));
    const { paths } = await startTestServer({ runtimeDir });
    expect(await (await connectRaw(paths.full)).ask('daemon.status')).toMatchObject({ id: 1, result: {} });
  });

  it('a socket on which somebody listens is left to them', async () => {
    const first = await startTestServer();
    const { ino } = await lstat(first.paths.full);
    const second = startTestServer({ runtimeDir: first.runtimeDir });
    await expect(second).rejects.toEqual(refusedAs('already_running'));
    expect((await lstat(first.paths.full)).ino).toBe(ino);
    expect(await (await connectRaw(first.paths.full)).ask('daemon.status')).toMatchObject({ result: {} });
  });

  it('a path the system cannot hold is refused by its length', async () => {
    const runtimeDir = join(await tempDirectory(), 'x'.repeat(110));
    await expect(startTestServer({ runtimeDir })).rejects.toEqual(refusedAs('config_invalid'));
  });
});

describe('at the end', () => {
  it('both sockets are gone, and the directory is empty', async () => {
    const server = await startTestServer();
    await server.close();
    expect(await readdir(server.runtimeDir)).toEqual([]);
  });

  it('a socket that took the place of ours stays', async () => {
    const server = await startTestServer();
    await rm(server.paths.full);
    const other = await startTestServer({ runtimeDir: join(await tempDirectory(), 'other') });
    await rename(other.paths.full, server.paths.full);
    await server.close();
    expect(await (await connectRaw(server.paths.full)).ask('daemon.status')).toMatchObject({ result: {} });
  });

  it('what was asked is answered, what is asked then is refused, and idle clients are let go', async () => {
    const held = holdCalls();
    const server = await startTestServer({ handlers: held.handlers });
    const idle = await connectRaw(server.paths.readOnly);
    const client = await connectRaw(server.paths.full);
    client.send('{"jsonrpc":"2.0","id":"before","method":"daemon.wake"}\n');
    await client.ask('daemon.status');
    const closing = server.close();
    expect(await idle.next()).toBeUndefined();
    const refused = await client.ask('daemon.status', {}, 'after');
    expect(refused).toMatchObject({ id: 'after', error: { data: { code: 'shutting_down' } } });
    held.release(0);
    expect(await client.next()).toMatchObject({ id: 'before', result: {} });
    expect(await client.next()).toBeUndefined();
    await closing;
  });

  it('a call that never ends and a client that never reads hold it up no longer than the bound', async () => {
    const server = await startTestServer({ limits: { drainMs: 50 }, handlers: holdCalls().handlers });
    const client = await connectRaw(server.paths.full);
    client.send('{"jsonrpc":"2.0","id":1,"method":"daemon.wake"}\n');
    await client.ask('daemon.status');
    client.socket.pause();
    await server.close();
    client.socket.resume();
    await until(() => client.socket.destroyed, 'the end of the connection');
  });
});
