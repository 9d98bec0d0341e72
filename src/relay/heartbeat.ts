import type { RelayContext } from './context.ts';
import { createTimer } from './timer.ts';

export interface Heartbeat {
  /** Something arrived: the peer lives. */
  heard(): void;
  stop(): void;
}

/** More than pings and pongs of a server that no longer works behind them: part of a message on a slow line. */
const PART_OF_MESSAGE_BYTES = 1_024;

/**
 * Calls `ask` when a connection was silent for `askAfterMs`, and `onDead` when no message, nor part of one, arrives
 * within `replyMs` of that. A connection that talks is never asked. `receivedBytes` counts what came in so far.
 */
export function startHeartbeat(
  { clock, limits }: Pick<RelayContext, 'clock' | 'limits'>,
  receivedBytes: () => number,
  ask: () => void,
  onDead: () => void,
): Heartbeat {
  const timer = createTimer(clock);
  const listen = () =>
    timer.set(limits.askAfterMs, () => {
      const before = receivedBytes();
      timer.set(limits.replyMs, () => {
        if (receivedBytes() - before > PART_OF_MESSAGE_BYTES) listen();
        else onDead();
      });
      ask();
    });
  listen();
  return { heard: listen, stop: timer.clear };
}
