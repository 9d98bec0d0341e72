import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { RelayUrl } from '../../src/ids.ts';

/** The only address tests listen on. */
export const LOOPBACK = '127.0.0.1';

export interface LoopbackServer {
  readonly url: RelayUrl;
  readonly port: number;
  /** Clients connected now. */
  connections(): number;
  /** Breaks every connection without a goodbye and keeps listening. */
  dropConnections(): void;
  stop(): Promise<void>;
}

export interface LoopbackOptions {
  /** 0 (default) takes any free port. */
  readonly port?: number | undefined;
  /** May add lines to the head of the upgrade response. */
  onHeaders?(headers: string[]): void;
  onConnection(socket: WebSocket): void;
}

/** A WebSocket server on loopback that can be stopped at once. */
export async function listenOnLoopback(options: LoopbackOptions): Promise<LoopbackServer> {
  const server = new WebSocketServer({ host: LOOPBACK, port: options.port ?? 0, maxPayload: 2 ** 21 });
  server.on('headers', (headers) => options.onHeaders?.(headers));
  server.on('connection', (socket) => {
    socket.on('error', () => socket.terminate());
    options.onConnection(socket);
  });
  await once(server, 'listening');

  const { port } = server.address() as AddressInfo;
  const dropConnections = () => {
    for (const socket of server.clients) socket.terminate();
  };
  return {
    url: `ws://${LOOPBACK}:${port}` as RelayUrl,
    port,
    connections: () => server.clients.size,
    dropConnections,
    async stop() {
      dropConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
