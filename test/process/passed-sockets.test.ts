/** The daemon as a socket unit starts it: with both sockets bound, kept and watched by somebody else. */
import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/ipc/client.ts';
import { fullSocket, readOnlySocket } from '../../src/paths.ts';
import { bindSockets } from '../support/bound-sockets.ts';
import {
  connectTo,
  createInstallation,
  type DaemonProcess,
  initialise,
  startDaemonProcess,
} from '../support/program.ts';
import { startRelay } from '../support/relay.ts';

/** An account, its two sockets, and daemons that are passed them. */
async function activated() {
  const installation = await createInstallation();
  onTestFinished(() => installation.remove());
  const relay = await startRelay();
  onTestFinished(() => relay.stop());
  await initialise(installation, [relay.url]);
  const sockets = await bindSockets(installation.runtimeDir);
  const start = (passed: readonly number[] = sockets): DaemonProcess => {
    const daemon = startDaemonProcess(installation, [], passed);
    onTestFinished(async () => void (await daemon.kill('SIGKILL')));
    return daemon;
  };
  return { installation, sockets, start };
}

describe.skipIf(process.platform !== 'linux')('a daemon that is passed its sockets', () => {
  test('knows which is which in either order, and makes none of its own', async () => {
    const { installation, sockets, start } = await activated();
    const [full, readOnly] = sockets;
    start([readOnly, full]);
    const client = await connectTo(installation);
    expect(await client.call('daemon.wake', {})).toEqual({});
    client.close();
    const looking = await connect(readOnlySocket(installation.runtimeDir), { client: 'test' });
    if (looking.kind !== 'connected') throw new Error('nobody answers on the read-only socket');
    await expect(looking.client.call('daemon.wake', {})).rejects.toMatchObject({ code: 'read_only' });
    looking.client.close();
    expect((await readdir(installation.runtimeDir)).sort()).toEqual(['dialogd-ro.sock', 'dialogd.sock']);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'leaves them at %s, and who connects then waits for the next',
    async (signal) => {
      const { installation, start } = await activated();
      const first = start();
      (await connectTo(installation)).close();
      await first.kill(signal);
      const waiting = connect(fullSocket(installation.runtimeDir), { client: 'test', timeoutMs: 20_000 });
      start();
      const outcome = await waiting;
      if (outcome.kind !== 'connected') throw new Error('the connection was refused');
      expect(await outcome.client.call('daemon.status', {})).toMatchObject({ seal: { source: 'key_file' } });
      outcome.client.close();
    },
  );

  test.each([
    ['directory', '.'],
    ['socket', 'dialogd.sock'],
  ])('refuses a %s that is open to others, and exits 77', async (_what, name) => {
    const { installation, start } = await activated();
    await chmod(join(installation.runtimeDir, name), 0o711);
    const daemon = start();
    expect(await daemon.exited).toEqual({ code: 77, signal: null });
    expect(daemon.log()).toContain(
      `chmod ${name === '.' ? 700 : 600} ${join(installation.runtimeDir, name)}`,
    );
  });

  test('refuses one without the other, and exits 78', async () => {
    const { sockets, start } = await activated();
    const daemon = start(sockets.slice(0, 1));
    expect(await daemon.exited).toEqual({ code: 78, signal: null });
    expect(daemon.log()).toContain('no dialogd-ro.sock');
  });
});
