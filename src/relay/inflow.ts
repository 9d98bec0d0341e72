import type { RelayContext } from './context.ts';
import { createTimer } from './timer.ts';

/** Frames of one connection between the socket and whoever works them off, in order. */
export interface Inflow {
  add(frame: Buffer): void;
  /** Nothing more comes; `done` is called after the last frame. */
  end(done: () => void): void;
  /** What is left is not worked off any more. */
  drop(): void;
}

interface Valve {
  pause(): void;
  resume(): void;
}

/**
 * Takes no more from a relay than is worked off: beyond `queuedBytes`, or so many bytes or messages in a second, the rest
 * waits in its socket.
 */
export function createInflow(
  { clock, limits, turns }: Pick<RelayContext, 'clock' | 'limits' | 'turns'>,
  valve: Valve,
  onFrame: (frame: Buffer) => void,
): Inflow {
  const second = createTimer(clock);
  const frames: Buffer[] = [];
  let queuedBytes = 0;
  let bytes = 0;
  let messages = 0;
  let working = false;
  let full = false;
  let fast = false;
  let done: (() => void) | undefined;

  const count = (size: number): void => {
    if (messages === 0) {
      second.set(1_000, () => {
        messages = 0;
        bytes = 0;
        fast = false;
        if (!full) valve.resume();
      });
    }
    messages += 1;
    bytes += size;
    fast = messages >= limits.messagesPerSec || bytes >= limits.bytesPerSec;
    full ||= queuedBytes > limits.queuedBytes;
    if (fast || full) valve.pause();
  };

  const step = (): boolean => {
    const frame = frames.shift();
    if (frame !== undefined) {
      queuedBytes -= frame.length;
      if (full && queuedBytes <= limits.queuedBytes / 4) {
        full = false;
        if (!fast) valve.resume();
      }
      onFrame(frame);
    }
    if (frames.length > 0) return true;
    working = false;
    finish();
    return false;
  };
  const work = (): void => {
    if (working) return;
    working = true;
    turns.take(step);
  };
  const finish = (): void => {
    const call = done;
    done = undefined;
    call?.();
  };

  return {
    add(frame) {
      frames.push(frame);
      queuedBytes += frame.length;
      count(frame.length);
      work();
    },
    end(call) {
      second.clear();
      done = call;
      if (!working) finish();
    },
    drop() {
      frames.length = 0;
      queuedBytes = 0;
    },
  };
}
