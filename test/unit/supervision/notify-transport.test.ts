import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadLibc } from '../../../src/native/libc.ts';
import { openTransport } from '../../../src/supervision/notify-transport.ts';
import { listenForNotify } from '../../support/notify-socket.ts';

const libc = loadLibc();
const NATIVE = process.platform === 'linux' && libc !== undefined;

async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'dialogd-notify-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A search path with a `systemd-notify` that writes what it was told into `told`. */
async function programs(end = '') {
  const directory = await temporary();
  const told = join(directory, 'told');
  const script = `#!/bin/sh\nprintf '%s|' "$NOTIFY_SOCKET" "$@" >> '${told}'; echo >> '${told}'\n${end}\n`;
  await writeFile(join(directory, 'systemd-notify'), script, { mode: 0o700 });
  return { path: ['relative', directory].join(delimiter), told: () => readFile(told, 'utf8') };
}

describe.skipIf(!NATIVE)('through libc', () => {
  test.each(['a path', 'an abstract address'])(
    '%s is reached, one message for each telling',
    async (kind) => {
      const path = join(await temporary(), 'notify');
      const address = kind === 'a path' ? path : `@${path}`;
      const manager = listenForNotify(address);
      const transport = await openTransport(address, libc, '');
      expect(transport.name).toBe('native');
      await transport.send(['READY=1', 'STATUS=zwölf of 11']);
      await transport.send(['WATCHDOG=1']);
      expect(manager.received()).toEqual([['READY=1', 'STATUS=zwölf of 11'], ['WATCHDOG=1']]);
    },
  );

  test('a socket that nobody reads any more is told to the caller', async () => {
    const transport = await openTransport(join(await temporary(), 'gone'), libc, '');
    await expect(transport.send(['READY=1'])).rejects.toThrow('gone');
  });

  test('an address of another kind is left to systemd-notify', async () => {
    const { path } = await programs();
    expect((await openTransport('vsock:2:1234', libc, path)).name).toBe('systemd-notify');
  });
});

describe('without koffi', () => {
  test('systemd-notify is run with the address, which nothing else of the environment accompanies', async () => {
    const { path, told } = await programs();
    const transport = await openTransport('@dialogd', undefined, path);
    expect(transport.name).toBe('systemd-notify');
    await transport.send(['READY=1', 'STATUS=all is well']);
    expect(await told()).toBe('@dialogd|READY=1|STATUS=all is well|\n');
  });

  test('a systemd-notify that fails is told to the caller', async () => {
    const transport = await openTransport('@dialogd', undefined, (await programs('exit 1')).path);
    await expect(transport.send(['READY=1'])).rejects.toThrow();
  });

  test('without that program either, nobody is told', async () => {
    const transport = await openTransport('@dialogd', undefined, '/nonexistent');
    expect(transport.name).toBe('none');
    await transport.send(['READY=1']);
  });
});

test('without a service manager nothing is opened and nothing is run', async () => {
  const { path, told } = await programs();
  const transport = await openTransport(undefined, libc, path);
  expect(transport.name).toBe('none');
  await transport.send(['READY=1']);
  await expect(told()).rejects.toThrow('ENOENT');
});
