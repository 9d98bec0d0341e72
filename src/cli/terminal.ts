import type { Readable, Writable } from 'node:stream';
import pc from 'picocolors';
import { openScreen, type Screen } from './screen.ts';

export type Paint = ReturnType<typeof pc.createColors>;

export interface Dialogue {
  readonly input: Readable;
  readonly output: Writable;
}

/** Where the output goes, and what can be done there. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Colours for standard output; they do nothing where colours are not wanted. */
  readonly paint: Paint;
  /** Somebody watches standard error: a line may be drawn over. */
  readonly live: boolean;
  /** Where somebody can be asked, if anybody can. */
  readonly dialogue: Dialogue | undefined;
  /** Takes over the whole of it, where that can be done. */
  readonly screen: (() => Screen) | undefined;
  /** Unix seconds. */
  now(): number;
  /** Calls `listener` at the first interrupt (Ctrl-C, SIGTERM) instead of ending; returns the way back. */
  onInterrupt(listener: () => void): () => void;
}

/** A line longer than this is hard to read at a glance. */
export const COLUMNS = 80;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** The terminal this process was started in. Colours follow https://no-color.org. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const capable = env.TERM !== 'dumb';
  const plain = env.NO_COLOR !== undefined && env.NO_COLOR !== '';
  return {
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    paint: pc.createColors(stdout.isTTY === true && capable && !plain),
    live: stderr.isTTY === true && capable,
    dialogue: stdin.isTTY === true && stdout.isTTY === true ? { input: stdin, output: stdout } : undefined,
    screen: stdout.isTTY === true && capable ? () => openScreen(stdin, stdout) : undefined,
    now: () => Math.floor(Date.now() / 1_000),
    onInterrupt(listener) {
      for (const signal of SIGNALS) process.once(signal, listener);
      return () => {
        for (const signal of SIGNALS) process.off(signal, listener);
      };
    },
  };
}
