import { WebSocket } from 'ws';
import type { RelayUrl } from '../../src/ids.ts';
import type { Decide, Message } from './fault-proxy-faults.ts';
import { createEventHistory } from './fault-proxy-history.ts';
import { joinLink } from './fault-proxy-link.ts';
import { type LoopbackServer, listenOnLoopback } from './relay-server.ts';

export interface FaultProxyOptions {
  readonly upstream: RelayUrl;
  readonly port?: number;
  /** Asked for every message in either direction; undefined means pass. */
  readonly decide?: Decide;
}

export interface FaultProxy extends LoopbackServer {
  /** Replaces the decisions from now on. */
  decideWith(decide: Decide): void;
  /** Everything clients sent, in order of arrival, also what went no further. */
  received(): readonly Message[];
  /** Says something to every client, as if the relay had: a message, or a raw frame. */
  say(frame: Message | string | Buffer): void;
}

/** A relay that misbehaves on demand: forwards NIP-01 messages to `upstream` and back, one decision each. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const clients = new Set<WebSocket>();
  const history = createEventHistory();
  const received: Message[] = [];
  let decide: Decide = options.decide ?? (() => undefined);
  let connections = 0;

  const server = await listenOnLoopback({
    port: options.port,
    onConnection(client) {
      connections += 1;
      const connection = connections;
      clients.add(client);
      client.on('close', () => clients.delete(client));
      joinLink({
        client,
        upstream: new WebSocket(options.upstream),
        history,
        fate(direction, message) {
          if (direction === 'to_relay') received.push(message);
          return decide({ direction, message, connection }) ?? { kind: 'pass' };
        },
      });
    },
  });

  return {
    ...server,
    decideWith(next) {
      decide = next;
    },
    received: () => received,
    say(frame) {
      for (const client of clients) client.send(Array.isArray(frame) ? JSON.stringify(frame) : frame);
    },
  };
}
