/** Round trips over the daemon's socket beside a bare echo over the same kind of socket, in turn. */
import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { fullSocket } from '../src/paths.ts';
import { connectTo, createInstallation, initialise, startDaemonProcess } from '../test/support/program.ts';
import { startRelay } from '../test/support/relay.ts';
import { line, median, timed } from './figures.ts';

const ROUNDS = 5;
const CALLS = 2_000;
const REQUEST = `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'daemon.hello', params: { versions: { min: 1, max: 1 } } })}\n`;

export async function benchSocket(): Promise<void> {
  const relay = await startRelay();
  const installation = await createInstallation();
  await initialise(installation, [relay.url]);
  const daemon = startDaemonProcess(installation);
  (await connectTo(installation)).close();
  const echoPath = join(installation.home, 'echo.sock');
  const echo = createServer((socket) => socket.pipe(socket)).listen(echoPath);
  try {
    const rates = { daemon: [] as number[], echo: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      rates.echo.push(await rate(echoPath, REQUEST));
      rates.daemon.push(await rate(fullSocket(installation.runtimeDir), REQUEST));
    }
    line('bare echo, round trips/s', median(rates.echo).toFixed(0));
    line('daemon.hello, round trips/s', median(rates.daemon).toFixed(0));
    line('daemon / echo', (median(rates.daemon) / median(rates.echo)).toFixed(2));
  } finally {
    echo.close();
    await daemon.kill('SIGTERM');
    await relay.stop();
    await installation.remove();
  }
}

/** One request at a time: the next is written when the answer to the last is there. */
async function rate(path: string, request: string): Promise<number> {
  const socket = createConnection(path).setEncoding('utf8');
  await once(socket, 'connect');
  const sec = await timed(async () => {
    for (let call = 0; call < CALLS; call++) await roundTrip(socket, request);
  });
  socket.destroy();
  return CALLS / sec;
}

function roundTrip(socket: Socket, request: string): Promise<void> {
  return new Promise((resolve) => {
    const onData = (text: string): void => {
      if (!text.endsWith('\n')) return;
      socket.off('data', onData);
      resolve();
    };
    socket.on('data', onData);
    socket.write(request);
  });
}
