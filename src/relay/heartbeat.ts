import type { RelayContext } from './context.ts';
import { createTimer } from './timer.ts';

export interface Heartbeat {
  /** Something arrived: the peer lives. */
  heard(): void;
  stop(): void;
}

/**
 * Calls `ask` when a connection was silent for `askAfterMs`, and `onDead` when nothing at all arrives within
 * `replyMs` of that. A connection that talks is never asked.
 */
export function startHeartbeat(
  { clock, limits }: Pick<RelayContext, 'clock' | 'limits'>,
  ask: () => void,
  onDead: () => void,
): Heartbeat {
  const timer = createTimer(clock);
  const listen = () =>
    timer.set(limits.askAfterMs, () => {
      timer.set(limits.replyMs, onDead);
      ask();
    });
  listen();
  return { heard: listen, stop: timer.clear };
}
