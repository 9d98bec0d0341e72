import type { RelayContext } from './context.ts';
import { createTimer } from './timer.ts';

export interface Heartbeat {
  /** Something arrived: the peer lives. */
  heard(): void;
  stop(): void;
}

/**
 * Asks a connection that was silent for `pingEveryMs` whether it still lives, and calls `onDead` when nothing
 * at all arrives within `pongMs`. A connection that talks is never pinged.
 */
export function startHeartbeat(
  { clock, limits }: Pick<RelayContext, 'clock' | 'limits'>,
  ping: () => void,
  onDead: () => void,
): Heartbeat {
  const timer = createTimer(clock);
  let heard = false;
  let asked = false;

  const listen = () => {
    heard = false;
    asked = false;
    timer.set(limits.pingEveryMs, () => (heard ? listen() : ask()));
  };
  const ask = () => {
    asked = true;
    ping();
    timer.set(limits.pongMs, onDead);
  };
  listen();
  return {
    heard() {
      heard = true;
      if (asked) listen();
    },
    stop: timer.clear,
  };
}
