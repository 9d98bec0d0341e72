import { createServer, type Server, type Socket } from 'node:net';
import { DaemonError, type ErrorCode } from '../errors.ts';
import { milliseconds } from '../ids.ts';
import type { Log } from '../ports.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { errorAnswer } from './envelope.ts';
import { toLine } from './framing.ts';
import { RETRY_AFTER_SEC } from './limits.ts';
import { listenOnPassed, type PassedSocket } from './passed-sockets.ts';
import { foreignPeer, type PeerUid } from './peer.ts';
import { listenAt, type SocketFile } from './socket-file.ts';

/** A socket made at `path` and removed at the end; or with `fd` one that the service manager passed, and keeps. */
export type Place = { readonly path: string; readonly fd?: undefined } | PassedSocket;

export type EndpointOptions = ConnectionOptions &
  Place & { readonly log: Log; readonly peerUid: PeerUid | undefined };

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
  /** What clients are turned away for at present, so that a flood of them is one line in the log. */
  #refusing: ErrorCode | undefined;

  private constructor(options: EndpointOptions) {
    this.#options = options;
    // Half-open, so that a client may ask, close its side and read the answer, as `nc -U` does.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /** Errors: those of listenAt, or with a passed socket those of listenOnPassed. */
  static async open(options: EndpointOptions): Promise<Endpoint> {
    const endpoint = new Endpoint(options);
    try {
      if (options.fd !== undefined) await listenOnPassed(endpoint.#server, options);
      else endpoint.#file = await listenAt(endpoint.#server, options.path);
    } catch (error) {
      endpoint.#server.close();
      throw error;
    }
    endpoint.#server.on('error', (error) => options.log.error('accept_failed', { error }));
    return endpoint;
  }

  /** Removes the socket that was made here, lets every connection finish, and ends when the last is closed. */
  async close(): Promise<void> {
    await this.#file?.remove();
    this.#server.close();
    for (const socket of this.#turnedAway) socket.destroy();
    for (const connection of this.#connections) connection.finish();
    await Promise.all([...this.#connections].map((connection) => connection.closed));
  }

  #accept(socket: Socket): void {
    const refusal = foreignPeer(socket, this.#options.peerUid) ?? this.#noPlace();
    if (refusal !== undefined) {
      this.#turnAway(socket, refusal);
      return;
    }
    this.#refusing = undefined;
    const connection = new Connection(socket, this.#options);
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }

  #noPlace(): DaemonError | undefined {
    const { limits, path } = this.#options;
    if (this.#connections.size < limits.connections) return undefined;
    return new DaemonError('busy', `${path} has at most ${limits.connections} connections`, {
      repair: 'try again shortly, or close other clients',
      retryAfterSec: RETRY_AFTER_SEC,
    });
  }

  #turnAway(socket: Socket, reason: DaemonError): void {
    const { log, clock, path, limits } = this.#options;
    if (this.#refusing !== reason.code) {
      if (reason.code === 'busy') log.warn('connections_full', { path, limit: limits.connections });
      else log.warn('client_refused', { path, message: reason.message });
    }
    this.#refusing = reason.code;
    socket.on('error', () => {});
    if (this.#turnedAway.size >= MAX_FAREWELLS) {
      socket.destroy();
      return;
    }
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
