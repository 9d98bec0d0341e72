import { WebSocket } from 'ws';
import type { RelayUrl } from '../ids.ts';
import type { RelayContext } from './context.ts';
import { type Heartbeat, startHeartbeat } from './heartbeat.ts';
import { createInflow } from './inflow.ts';
import { readable } from './messages.ts';
import { reasonOfClose, reasonOfError } from './reasons.ts';
import { createTimer } from './timer.ts';

export interface SocketHandlers {
  /** `clockOffsetSec`: local clock minus the relay's, where the upgrade response carried a Date. */
  onOpen(clockOffsetSec: number | undefined): void;
  /** A text frame (NIP-01 speaks in no others); its bytes may be anything. */
  onFrame(frame: Buffer): void;
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
  // Text that is not UTF-8 is for whoever reads it to pass over: ws would end the connection, at every reading again.
  const ws = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: limits.messageBytes,
    skipUTF8Validation: true,
  });
  const deadline = createTimer(clock);
  const inflow = createInflow(context, ws, handlers.onFrame);
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
    if (!isBinary) inflow.add(data as Buffer);
  });
  // A peer that broke the protocol is not waited for: its half of the closing handshake may never come.
  ws.on('error', (error) => hangUp(reasonOfError(error)));
  ws.on('close', (code, words) => {
    deadline.clear();
    heartbeat?.stop();
    heartbeat = undefined;
    inflow.end(() => handlers.onEnd(reason ?? reasonOfClose(code, readable(words.toString()))));
  });

  return {
    send(frame) {
      if (ws.readyState !== WebSocket.OPEN || ws.bufferedAmount > limits.bufferedBytes) return false;
      ws.send(frame);
      return true;
    },
    close() {
      reason ??= 'closed by this daemon';
      inflow.drop();
      ws.close(1000);
      deadline.set(limits.closeMs, () => ws.terminate());
    },
  };
}
