import { plus, type RelayUrl, type UnixSeconds } from '../ids.ts';
import type { RelayState } from '../ports.ts';
import { createBackoff } from './backoff.ts';
import type { RelayContext } from './context.ts';
import { openSocket, type Socket } from './socket.ts';
import { createTimer } from './timer.ts';

export interface ConnectionHandlers {
  onOpen(): void;
  onFrame(frame: Buffer): void;
  onSilence(): void;
  /** An open connection ended. */
  onDown(reason: string): void;
  /** Any fact changed. */
  onChange(): void;
}

type ConnectionFacts = Pick<
  RelayState,
  'phase' | 'connectedAt' | 'retryAt' | 'failures' | 'lastError' | 'clockOffsetSec'
>;

/** Stays connected to one relay: a first attempt that fails is retried like any other. */
export interface Connection {
  open(): void;
  /** False when the frame did not leave this machine. */
  send(frame: string): boolean;
  facts(): ConnectionFacts;
  /** Ends this connection, or attempt, and makes a new one. */
  reconnect(): void;
  /** For good; bounded by `closeMs`. */
  close(): Promise<void>;
}

export function createConnection(
  context: RelayContext,
  url: RelayUrl,
  handlers: ConnectionHandlers,
): Connection {
  const { clock, log } = context;
  const backoff = createBackoff(context);
  const retry = createTimer(clock);
  let phase: RelayState['phase'] = 'connecting';
  let socket: Socket | undefined;
  let connectedAt: UnixSeconds | undefined;
  let retryAt: UnixSeconds | undefined;
  let lastError: string | undefined;
  let clockOffsetSec: number | undefined;
  let onClosed = () => {};

  const connect = () => {
    phase = 'connecting';
    retryAt = undefined;
    socket = openSocket(context, url, { ...handlers, onOpen, onEnd });
    handlers.onChange();
  };
  const onOpen = (offsetSec: number | undefined) => {
    if (phase === 'closed') return;
    phase = 'connected';
    connectedAt = clock.now();
    clockOffsetSec = offsetSec ?? clockOffsetSec;
    backoff.up();
    log.info('relay_connected', { relay: url });
    handlers.onOpen();
    handlers.onChange();
  };
  const onEnd = (reason: string) => {
    const wasOpen = connectedAt !== undefined;
    socket = undefined;
    connectedAt = undefined;
    if (phase !== 'closed') backOff(reason);
    if (wasOpen) handlers.onDown(reason);
    handlers.onChange();
    onClosed();
  };
  const backOff = (reason: string) => {
    const delayMs = backoff.down();
    phase = 'backing_off';
    retryAt = plus(clock.now(), Math.ceil(delayMs / 1000));
    retry.set(delayMs, connect);
    log.info('relay_disconnected', { relay: url, reason, delayMs });
    lastError = reason;
  };

  return {
    open: connect,
    send: (frame) => phase === 'connected' && socket !== undefined && socket.send(frame),
    facts: () => ({
      phase,
      connectedAt,
      retryAt,
      failures: backoff.failures(),
      lastError,
      clockOffsetSec,
    }),
    reconnect() {
      if (phase !== 'backing_off') return socket?.close();
      retry.clear();
      connect();
    },
    async close() {
      phase = 'closed';
      retryAt = undefined;
      retry.clear();
      const closing = socket;
      if (closing === undefined) return;
      await new Promise<void>((resolve) => {
        onClosed = resolve;
        closing.close();
      });
    },
  };
}
