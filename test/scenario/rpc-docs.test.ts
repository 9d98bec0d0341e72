import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fullSocket, readOnlySocket } from '../../src/paths.ts';
import { type InProcessDaemon, startInProcess } from '../support/in-process.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';
import { readExchanges, replay } from '../support/rpc/exchanges.ts';
import { connectRaw } from '../support/rpc/raw-client.ts';

const DIRECTORY = join(import.meta.dirname, '../../docs/rpc');
const exchanges = readdirSync(DIRECTORY).flatMap((name) =>
  readExchanges(readFileSync(join(DIRECTORY, name), 'utf8')).map((exchange, index) => ({
    title: `${name} ${index + 1}`,
    exchange,
  })),
);

let relay: TestRelay;
let daemon: InProcessDaemon;
let ticking: NodeJS.Timeout;
beforeAll(async () => {
  relay = await startRelay();
  daemon = await startInProcess({ bootstrap: [relay.url] });
  await daemon.client.call('relays.publishLists', { write: [relay.url], inbox: [relay.url] });
  await daemon.passUntil(
    async () => (await daemon.client.call('daemon.status', {})).health.state === 'healthy',
    'the daemon is healthy',
  );
  // Some answers wait for relays, and nothing waits on a clock that stands still.
  ticking = setInterval(() => daemon.clock.advance(1), 50);
});
afterAll(async () => {
  clearInterval(ticking);
  await daemon.stop();
  await relay.stop();
});

test.each(exchanges)('the documented exchange $title is what a real daemon answers', async ({ exchange }) => {
  const path = { full: fullSocket, readOnly: readOnlySocket }[exchange.socket](daemon.runtimeDir);
  await replay(exchange, await connectRaw(path), 'any daemon');
  expect.hasAssertions();
});
