import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** A parsed line from the server; loose, because tests look at it closely. */
export interface Line {
  readonly jsonrpc: '2.0';
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: {
    code: number;
    message: string;
    data: { code: string; retryAfterSec?: number; repair?: string };
  };
}

/** A client that knows nothing but lines, for saying things no proper client says. */
export interface RawClient {
  readonly socket: Socket;
  send(text: string | Uint8Array): void;
  /** The next line, parsed; undefined at the end of the connection. */
  next<T = Line>(): Promise<T | undefined>;
  /** Sends one request and returns the next line. */
  ask(method: string, params?: unknown, id?: unknown): Promise<Line>;
}

export async function connectRaw(path: string): Promise<RawClient> {
  const socket = createConnection(path);
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  socket.on('error', () => {});
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const client: RawClient = {
    socket,
    send: (text) => socket.write(text),
    async next() {
      const { value, done } = await lines.next();
      return done === true ? undefined : JSON.parse(value);
    },
    async ask(method, params, id = 1) {
      client.send(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
      const line = await client.next();
      if (line === undefined) throw new Error('the connection ended before the answer');
      return line;
    },
  };
  return client;
}
