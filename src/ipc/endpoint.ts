import { createServer, type Server, type Socket } from 'node:net';
import { DaemonError } from '../errors.ts';
import { milliseconds } from '../ids.ts';
import type { Log } from '../ports.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { errorAnswer } from './envelope.ts';
import { toLine } from './framing.ts';
import { RETRY_AFTER_SEC } from './limits.ts';
import { listenAt, type SocketFile } from './socket-file.ts';

export interface EndpointOptions extends ConnectionOptions {
  readonly path: string;
  readonly log: Log;
}

/** How long a client that was turned away may take to read why, and how many may do so at once. */
const FAREWELL_MS = milliseconds(1_000);
const MAX_FAREWELLS = 64;

/** One listening socket and its connections. */
export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #turnedAway = new Set<Socket>();
  #file: SocketFile | undefined;
  #full = false;

  private constructor(options: EndpointOptions) {
    this.#options = options;
    // Half-open, so that a client may ask, close its side and read the answer, as `nc -U` does.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /** Errors: those of listenAt. */
  static async open(options: EndpointOptions): Promise<Endpoint> {
    const endpoint = new Endpoint(options);
    try {
      endpoint.#file = await listenAt(endpoint.#server, options.path);
    } catch (error) {
      endpoint.#server.close();
      throw error;
    }
    endpoint.#server.on('error', (error) => options.log.error('accept_failed', { error }));
    return endpoint;
  }

  /** Removes the socket, lets every connection finish, and ends when the last is closed. */
  async close(): Promise<void> {
    await this.#file?.remove();
    this.#server.close();
    for (const socket of this.#turnedAway) socket.destroy();
    for (const connection of this.#connections) connection.finish();
    await Promise.all([...this.#connections].map((connection) => connection.closed));
  }

  #accept(socket: Socket): void {
    if (this.#connections.size >= this.#options.limits.connections) {
      this.#turnAway(socket);
      return;
    }
    this.#full = false;
    const connection = new Connection(socket, this.#options);
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }

  #turnAway(socket: Socket): void {
    const { limits, log, clock, path } = this.#options;
    if (!this.#full) log.warn('connections_full', { path, limit: limits.connections });
    this.#full = true;
    socket.on('error', () => {});
    if (this.#turnedAway.size >= MAX_FAREWELLS) {
      socket.destroy();
      return;
    }
    const reason = new DaemonError('busy', `${path} has at most ${limits.connections} connections`, {
      repair: 'try again shortly, or close other clients',
      retryAfterSec: RETRY_AFTER_SEC,
    });
    this.#turnedAway.add(socket);
    const cancel = clock.after(FAREWELL_MS, () => socket.destroy());
    socket.once('close', () => {
      cancel();
      this.#turnedAway.delete(socket);
    });
    // What it says is read and dropped: closing on unread bytes could cost it the answer.
    socket.resume();
    socket.end(toLine(errorAnswer(null, reason)));
  }
}
