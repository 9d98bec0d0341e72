import { WebSocket } from 'ws';
import type { RelayUrl } from '../ids.ts';
import type { RelayContext } from './context.ts';
import { type Heartbeat, startHeartbeat } from './heartbeat.ts';
import { readable } from './messages.ts';
import { reasonOfClose, reasonOfError } from './reasons.ts';
import { createTimer } from './timer.ts';

export interface SocketHandlers {
  /** `clockOffsetSec`: local clock minus the relay's, where the upgrade response carried a Date. */
  onOpen(clockOffsetSec: number | undefined): void;
  onText(text: string): void;
  /** Nothing came for `askAfterMs`: whatever is asked now shows whether the peer lives. */
  onSilence(): void;
  /** Called once, for failed attempts too; nothing comes after it. */
  onEnd(reason: string): void;
}

export interface Socket {
  /** False when the frame did not leave: not open, or the peer has stopped reading. */
  send(frame: string): boolean;
  /** Says goodbye, and hangs up when that is not answered within `closeMs`. */
  close(): void;
}

/** One WebSocket from its first packet to its last; never throws, whatever the peer does. */
export function openSocket(context: RelayContext, url: RelayUrl, handlers: SocketHandlers): Socket {
  const { clock, limits } = context;
  // Compression is not offered: it costs memory for as long as the connection lives, and lets a small frame grow.
  const ws = new WebSocket(url, { perMessageDeflate: false, maxPayload: limits.messageBytes });
  const deadline = createTimer(clock);
  const flow = createFlow(context, ws);
  let heartbeat: Heartbeat | undefined;
  let clockOffsetSec: number | undefined;
  let reason: string | undefined;

  const hangUp = (why: string) => {
    reason ??= why;
    ws.terminate();
  };
  deadline.set(limits.connectMs, () => hangUp(`no answer within ${limits.connectMs / 1000} s`));

  let receivedBytes = (): number => 0;
  ws.on('upgrade', (response) => {
    receivedBytes = () => response.socket.bytesRead;
    const relayMs = Date.parse(response.headers.date ?? '');
    if (!Number.isNaN(relayMs)) clockOffsetSec = clock.now() - relayMs / 1000;
  });
  ws.on('open', () => {
    deadline.clear();
    heartbeat = startHeartbeat(context, receivedBytes, handlers.onSilence, () =>
      hangUp('connection lost: no answer'),
    );
    handlers.onOpen(clockOffsetSec);
  });
  ws.on('message', (data, isBinary) => {
    heartbeat?.heard();
    flow.count();
    // NIP-01 speaks in text frames only.
    if (!isBinary) handlers.onText(data.toString());
  });
  // A peer that broke the protocol is not waited for: its half of the closing handshake may never come.
  ws.on('error', (error) => hangUp(reasonOfError(error)));
  ws.on('close', (code, words) => {
    deadline.clear();
    heartbeat?.stop();
    heartbeat = undefined;
    flow.stop();
    handlers.onEnd(reason ?? reasonOfClose(code, readable(words.toString())));
  });

  return {
    send(frame) {
      if (ws.readyState !== WebSocket.OPEN || ws.bufferedAmount > limits.bufferedBytes) return false;
      ws.send(frame);
      return true;
    },
    close() {
      reason ??= 'closed by this daemon';
      ws.close(1000);
      deadline.set(limits.closeMs, () => ws.terminate());
    },
  };
}

/** A relay that talks faster than `messagesPerSec` is read no faster than that: the rest waits in its socket. */
function createFlow({ clock, limits }: RelayContext, ws: WebSocket): { count(): void; stop(): void } {
  const second = createTimer(clock);
  let messages = 0;
  return {
    count() {
      messages += 1;
      if (messages === 1) {
        second.set(1_000, () => {
          messages = 0;
          ws.resume();
        });
      }
      if (messages === limits.messagesPerSec) ws.pause();
    },
    stop: second.clear,
  };
}
