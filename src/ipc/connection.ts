import type { Socket } from 'node:net';
import { createJSONRPCNotification } from 'json-rpc-2.0';
import { DaemonError } from '../errors.ts';
import { milliseconds } from '../ids.ts';
import type { Clock } from '../ports.ts';
import { type Dispatch, lineTooLongAnswer, lineTooSlowAnswer } from './dispatcher.ts';
import { type Frame, lineCutter, NEWLINE, toLine } from './framing.ts';
import { RETRY_AFTER_SEC, type ServerLimits } from './limits.ts';
import type { Access } from './protocol/method.ts';
import type { NotificationName, NotificationParams } from './protocol/notifications.ts';
import type { Exchange, Session } from './session.ts';
import { Subscriptions } from './subscriptions.ts';

export interface ConnectionOptions {
  readonly access: Access;
  readonly dispatch: Dispatch;
  readonly limits: ServerLimits;
  readonly clock: Clock;
}

/**
 * One client. While it does not read what it was sent, nothing more is read from it, so a client that never
 * reads costs one bounded buffer.
 */
export class Connection implements Session {
  readonly access: Access;
  readonly subscriptions: Subscriptions;
  /** Resolves when the socket is closed, whoever closed it. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #stopped = new AbortController();
  /** Lines that were read and not looked at yet: those of one chunk. */
  #frames: Frame[] = [];
  /** The client has closed its side; what it said before may still be among the frames. */
  #saidLast = false;
  #nextTurn: NodeJS.Immediate | undefined;
  #inFlight = 0;
  /** Lines not answered yet; a batch is one. */
  #unanswered = 0;
  #waiting: (() => void)[] = [];
  #cancelLine: (() => void) | undefined;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.access = options.access;
    this.subscriptions = new Subscriptions(options.limits.subscriptions);
    this.#socket = socket;
    this.#options = options;
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#stop();
        resolve();
      });
    });
    // A client that vanishes is everyday; 'close' follows and cleans up.
    socket.on('error', () => {});
    socket.on('end', () => {
      this.#saidLast = true;
      this.#work();
    });
    socket.on('drain', () => {
      this.#work();
      this.#release();
    });
    const { cut, unfinished } = lineCutter(options.limits.lineBytes);
    socket.on('data', (chunk: Buffer) => {
      this.#frames = this.#frames.concat(cut(chunk));
      this.#work();
      if (chunk.includes(NEWLINE)) this.#lineEnded();
      if (unfinished()) this.#lineBegan();
    });
  }

  get signal(): AbortSignal {
    return this.#stopped.signal;
  }

  /** Answers what was asked, begins nothing new, then closes; at the latest after `drainMs`. */
  finish(): void {
    if (this.signal.aborted) return;
    this.#stop();
    this.#endOnceAnswered();
    const cancel = this.#options.clock.after(milliseconds(this.#options.limits.drainMs), () => this.hangUp());
    this.#socket.once('close', cancel);
  }

  hangUp(): void {
    this.#socket.destroy();
  }

  admit(): () => void {
    if (this.signal.aborted) {
      throw new DaemonError('shutting_down', 'the daemon is shutting down', {
        repair: 'try again once it runs again',
      });
    }
    const { callsInFlight } = this.#options.limits;
    if (this.#inFlight >= callsInFlight) {
      throw new DaemonError('busy', `a connection has at most ${callsInFlight} calls in flight`, {
        repair: 'wait for answers before asking more',
        retryAfterSec: RETRY_AFTER_SEC,
      });
    }
    this.#inFlight += 1;
    return () => {
      this.#inFlight -= 1;
    };
  }

  notify<N extends NotificationName>(name: N, params: NotificationParams<N>): void {
    this.#write(toLine(createJSONRPCNotification(name, params)));
  }

  keepsUp(): boolean {
    return !this.#socket.writableNeedDrain;
  }

  async caughtUp(): Promise<void> {
    if (this.keepsUp() || this.#socket.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** A few lines, then whoever else has something to say; what a chunk held beyond them waits its turn. */
  #work(): void {
    for (const frame of this.keepsUp() ? this.#frames.splice(0, LINES_A_TURN) : []) {
      if (frame.kind === 'too_long') this.#write(lineTooLongAnswer(this.#options.limits.lineBytes));
      else if (!isBlank(frame.bytes)) void this.#answer(frame.bytes);
    }
    const more = this.#frames.length > 0;
    if (this.#saidLast && !more) this.finish();
    if (more || !this.keepsUp()) this.#socket.pause();
    else this.#socket.resume();
    if (!more || !this.keepsUp()) return;
    this.#nextTurn ??= setImmediate(() => {
      this.#nextTurn = undefined;
      this.#work();
    });
  }

  async #answer(bytes: Buffer): Promise<void> {
    const exchange: Exchange = { session: this, afterAnswer: [] };
    this.#unanswered += 1;
    const line = await this.#options.dispatch(bytes, exchange);
    this.#unanswered -= 1;
    if (line !== undefined) this.#write(line);
    if (this.signal.aborted) this.#endOnceAnswered();
    else for (const task of exchange.afterAnswer) task();
  }

  /** However many bytes it is sent in, a line has one span of time. */
  #lineBegan(): void {
    if (this.#cancelLine !== undefined || this.signal.aborted) return;
    const { clock, limits } = this.#options;
    this.#cancelLine = clock.after(milliseconds(limits.lineMs), () => {
      this.#write(lineTooSlowAnswer(limits.lineMs));
      this.finish();
    });
  }

  #lineEnded(): void {
    this.#cancelLine?.();
    this.#cancelLine = undefined;
  }

  #write(line: string): void {
    if (!this.#socket.writable) return;
    if (!this.#socket.write(line)) this.#socket.pause();
    if (this.#socket.writableLength > this.#options.limits.writeBufferBytes) this.hangUp();
  }

  #stop(): void {
    this.#stopped.abort();
    this.#frames = [];
    this.#lineEnded();
    this.subscriptions.close();
    this.#release();
  }

  #endOnceAnswered(): void {
    if (this.#unanswered === 0) this.#socket.end();
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** So that a flood of short lines on one connection holds up no other. */
const LINES_A_TURN = 32;

/** Lets a person press return, and a client keep a connection warm. */
const isBlank = (bytes: Buffer): boolean => bytes.length === 0 || (bytes.length === 1 && bytes[0] === 0x0d);
