import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { RelayUrl } from '../../src/ids.ts';
import { LOOPBACK } from './relay-server.ts';

/** A wire to a relay, for what happens below WebSocket. */
export interface Wire {
  readonly url: RelayUrl;
  /** `reset`: every connection ends with a TCP reset. `silence`: they stay, and nothing comes through. */
  cut(how: 'reset' | 'silence'): void;
  mend(): void;
  stop(): Promise<void>;
}

export async function layWire({ port }: { readonly port: number }): Promise<Wire> {
  const ends = new Set<Socket>();
  let state: 'whole' | 'reset' | 'silence' = 'whole';

  const server = createServer((near) => {
    if (state === 'reset') return void near.resetAndDestroy();
    const far = connect(port, LOOPBACK);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(from);
      from.on('data', (bytes) => {
        if (state === 'whole') to.write(bytes);
      });
      from.on('error', () => {});
      from.on('close', () => {
        ends.delete(from);
        if (state !== 'silence') to.destroy();
      });
    }
  }).listen(0, LOOPBACK);
  await once(server, 'listening');
  const hangUp = (): void => {
    for (const end of ends) end.resetAndDestroy();
  };

  return {
    url: `ws://${LOOPBACK}:${(server.address() as AddressInfo).port}` as RelayUrl,
    cut(how) {
      state = how;
      if (how === 'reset') hangUp();
    },
    mend() {
      state = 'whole';
      hangUp();
    },
    async stop() {
      hangUp();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
