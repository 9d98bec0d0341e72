import pc from 'picocolors';
import { run } from '../../../src/cli/run.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';
import { NOW } from './samples.ts';

export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A terminal that keeps what was written. */
export interface TestTerminal extends Terminal {
  readonly written: { out: string; err: string };
  /** Ctrl-C. */
  interrupt(): void;
  /** Listeners that wait for it. */
  readonly listening: number;
}

export function createTestTerminal(parts: Partial<Terminal> & { colour?: boolean } = {}): TestTerminal {
  const written = { out: '', err: '' };
  const listeners = new Set<() => void>();
  return {
    written,
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    paint: pc.createColors(parts.colour ?? false),
    live: false,
    dialogue: undefined,
    screen: undefined,
    now: () => NOW,
    onInterrupt(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    interrupt: () => {
      for (const listener of listeners) listener();
    },
    get listening() {
      return listeners.size;
    },
    ...parts,
  };
}

export interface CliOptions {
  readonly terminal?: TestTerminal;
  readonly env?: NodeJS.ProcessEnv;
  readonly dialogd?: readonly [string, ...string[]];
}

/** Runs dialogctl in this process. */
export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const terminal = options.terminal ?? createTestTerminal();
  const code = await run(argv, {
    terminal,
    env: options.env ?? {},
    dialogd: options.dialogd ?? ['/nonexistent'],
  });
  return { code, ...terminal.written };
}
