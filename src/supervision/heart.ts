import type { RelayState } from '../ports.ts';
import { defaultLimits } from '../relay/limits.ts';
import type { Beat } from '../scheduler/reconcile.ts';
import type { Waker } from '../scheduler/waker.ts';

/** What tells whether the daemon gets on with its work. */
export interface Heart {
  readonly engine: Beat;
  readonly commits: Beat;
  /** The timer that wakes the engine; undefined: there is none. */
  readonly timer: ReturnType<Waker['timer']>;
  readonly relays: readonly Pick<RelayState, 'url' | 'phase' | 'retryAt' | 'failures'>[];
}

/** Something that has to move now, and has when `mark` is another one within `patienceMs`. */
export interface Pulse {
  readonly name: 'pass' | 'commit' | 'deadline' | 'relays';
  readonly mark: string | number;
  readonly patienceMs: number;
}

/**
 * What has to move at this moment. A job that waits for a relay or a signer is not among it: it has limits of
 * its own, and nothing waits for it.
 */
export function pulsesOf({ engine, commits, timer, relays }: Heart): Pulse[] {
  const pulses: Pulse[] = [
    engine.busy
      ? { name: 'pass', mark: engine.count, patienceMs: 0 }
      : { name: 'deadline', mark: timer?.count ?? 'none', patienceMs: timer?.delayMs ?? 0 },
  ];
  if (commits.busy) pulses.push({ name: 'commit', mark: commits.count, patienceMs: 0 });
  // One relay that is connected is enough: the others are in its health.
  if (relays.length > 0 && relays.every(({ phase }) => phase !== 'connected')) {
    const marks = relays.map(({ url, phase, retryAt, failures }) => [url, phase, retryAt, failures]);
    const waits = relays.map(({ phase }) => WAIT_MS[phase]);
    pulses.push({ name: 'relays', mark: marks.join(' '), patienceMs: Math.max(...waits) });
  }
  return pulses;
}

/** The longest that a relay without a connection may stay as it is. */
const WAIT_MS: Readonly<Record<RelayState['phase'], number>> = {
  connecting: defaultLimits.connectMs,
  backing_off: defaultLimits.backoffCapMs,
  connected: 0,
  closed: 0,
};
