import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { DaemonError } from '../errors.ts';
import { lineCutter, parseLine, toLine } from './framing.ts';
import { defaultLimits, RETRY_AFTER_SEC } from './limits.ts';
import { type MethodName, methods, type ParamsInput, type Result } from './protocol/methods.ts';
import { type NotificationName, type NotificationParams, notifications } from './protocol/notifications.ts';
import { protocolVersions } from './protocol/versions.ts';
import { fromWireError } from './protocol/wire-errors.ts';
import { checkSocketPath } from './socket-path.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
/** For hello: a socket of systemd's takes connections while one daemon ends and the next one starts. */
const HELLO_TIMEOUT_MS = 20_000;
/** systemd lets go whoever waits at the moment a daemon has died, all of them one after the other. */
const RETRY_AFTER_MS = 200;

export interface ConnectOptions {
  /** Name and version of this program, for the daemon's log. */
  readonly client: string;
  /** How long a call waits for its answer unless it says otherwise; 10 s, and 20 s for the first. */
  readonly timeoutMs?: number;
}

export type ConnectOutcome =
  | { readonly kind: 'connected'; readonly client: Client }
  /** Nobody answers at that path. */
  | { readonly kind: 'not_running'; readonly path: string };

/**
 * Connects and agrees on a protocol version. A connection that ends before its hello is answered is tried once
 * more: where the service manager keeps the socket, it was the daemon's last and the next one waits for its
 * successor, or for none that can start.
 * Errors: `config_invalid` (path too long), `invalid_argument` (not ours to open), `unsupported` (no common
 * version), `busy` (too many clients, or no answer in time).
 */
export async function connect(path: string, options: ConnectOptions): Promise<ConnectOutcome> {
  checkSocketPath(path);
  const outcome = await greet(path, options);
  if (outcome.kind !== 'let_go') return outcome;
  await delay(RETRY_AFTER_MS);
  const again = await greet(path, options);
  return again.kind === 'let_go' ? { kind: 'not_running', path } : again;
}

async function greet(
  path: string,
  { client: name, timeoutMs }: ConnectOptions,
): Promise<ConnectOutcome | { readonly kind: 'let_go' }> {
  const socket = createConnection(path);
  try {
    await once(socket, 'connect');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return { kind: 'not_running', path };
    throw cannotConnect(path, code);
  }
  const client = new Client(socket, timeoutMs ?? DEFAULT_TIMEOUT_MS);
  try {
    const greeting = { versions: protocolVersions, client: name };
    await client.call('daemon.hello', greeting, timeoutMs ?? HELLO_TIMEOUT_MS);
  } catch (error) {
    client.close();
    if (error instanceof DaemonError && error.code === 'shutting_down') return { kind: 'let_go' };
    throw error;
  }
  return { kind: 'connected', client };
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: DaemonError) => void;
}

type Listener<N extends NotificationName> = (params: NotificationParams<N>) => void;

/** A connection to the daemon: typed calls, and callbacks for notifications. */
export class Client {
  /** Resolves when the connection is over, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners: { [N in NotificationName]: Set<Listener<N>> } = {
    progress: new Set(),
    notice: new Set(),
  };
  #lastId = 0;

  constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#fail(connectionOver());
        resolve();
      });
    });
    // 'close' follows every error, and fails what is pending.
    socket.on('error', () => {});
    const { cut } = lineCutter(defaultLimits.lineBytes);
    socket.on('data', (chunk: Buffer) => {
      for (const frame of cut(chunk)) {
        if (frame.kind === 'line') this.#receive(parseLine(frame.bytes)?.value);
        else {
          this.#fail(endlessLine());
          socket.destroy();
        }
      }
    });
  }

  /**
   * Calls a method. Throws the daemon's DaemonError; `busy` when no answer came within `timeoutMs`,
   * `shutting_down` when the connection ended first, `malformed` when the answer makes no sense.
   */
  async call<M extends MethodName>(
    method: M,
    params: ParamsInput<M>,
    timeoutMs: number = this.#timeoutMs,
  ): Promise<Result<M>> {
    this.#lastId += 1;
    const answer = await this.#answerTo(this.#lastId, { method, params }, timeoutMs);
    const result = methods[method].result.safeParse(answer);
    if (result.success) return result.data as Result<M>;
    throw new DaemonError('malformed', `the daemon's answer to ${method} makes no sense to this client`, {
      repair: 'use the dialogctl that came with the running dialogd',
      cause: result.error,
    });
  }

  /** Calls `listener` for every notification of that name; the returned function ends that. */
  on<N extends NotificationName>(name: N, listener: Listener<N>): () => void {
    this.#listeners[name].add(listener);
    return () => this.#listeners[name].delete(listener);
  }

  close(): void {
    this.#socket.destroy();
  }

  #answerTo(id: number, request: object, timeoutMs: number): Promise<unknown> {
    if (this.#socket.destroyed) return Promise.reject(connectionOver());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.get(id)?.reject(noAnswer(timeoutMs));
      }, timeoutMs);
      const settle = (): void => {
        clearTimeout(timer);
        this.#pending.delete(id);
      };
      this.#pending.set(id, {
        resolve(result) {
          settle();
          resolve(result);
        },
        reject(error) {
          settle();
          reject(error);
        },
      });
      this.#socket.write(toLine({ jsonrpc: '2.0', id, ...request }));
    });
  }

  #receive(value: unknown): void {
    const { id, method, params, result, error } = (value ?? {}) as Record<string, unknown>;
    if (typeof method === 'string') this.#notify(method, params);
    else if (typeof id !== 'number') this.#fail(fromWireError(error));
    else if (error === undefined) this.#pending.get(id)?.resolve(result);
    else this.#pending.get(id)?.reject(fromWireError(error));
  }

  /** Unknown notifications of a newer daemon are nobody's business here. */
  #notify(name: string, params: unknown): void {
    if (!Object.hasOwn(notifications, name)) return;
    const known = name as NotificationName;
    const parsed = notifications[known].safeParse(params);
    if (!parsed.success) return;
    for (const listener of this.#listeners[known] as Set<(params: unknown) => void>) listener(parsed.data);
  }

  /** An answer without id is about the connection, so it is the answer to everything. */
  #fail(error: DaemonError): void {
    for (const pending of [...this.#pending.values()]) pending.reject(error);
  }
}

/** EAGAIN is a full backlog: somebody listens, and cannot keep up with who knocks (unix(7)). */
const cannotConnect = (path: string, code: string | undefined): DaemonError =>
  code === 'EAGAIN'
    ? new DaemonError('busy', `too many clients knock at ${path}`, { retryAfterSec: RETRY_AFTER_SEC })
    : new DaemonError('invalid_argument', `cannot open ${path}: ${code}`, {
        repair: 'run as the user the daemon runs as, or name another socket with --socket',
      });

const connectionOver = (): DaemonError =>
  new DaemonError('shutting_down', 'the daemon closed the connection before it answered');

const endlessLine = (): DaemonError =>
  new DaemonError('malformed', 'what listens there answers with more than any answer of dialogd has', {
    repair: 'name the socket of dialogd with --socket or --runtime-dir',
  });

const noAnswer = (timeoutMs: number): DaemonError =>
  new DaemonError('busy', `the daemon gave no answer within ${timeoutMs / 1_000} s`, {
    repair: 'look at its log; it may be starting or overloaded',
    retryAfterSec: Math.ceil(timeoutMs / 1_000),
  });
