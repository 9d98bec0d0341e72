import { execFile, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';

/** Descriptors of the child besides the standard ones. */
export interface Descriptors {
  /** Ours that keep their numbers. */
  readonly inherited?: readonly (number | undefined)[];
  /** What was typed, by the number of the pipe it comes from: it never stands in an argument. */
  readonly typed?: Readonly<Record<number, string | undefined>>;
  /** Standard output is for us and not for whoever started us. */
  readonly captured?: boolean;
}

/** Runs dialogd, which alone may touch keys and state, to its end. `out` is what was captured. */
export async function runDialogd(
  { dialogd, env }: Context,
  args: readonly string[],
  descriptors: Descriptors = {},
): Promise<{ readonly code: number; readonly out: string }> {
  const [program, ...first] = dialogd;
  const child = spawn(program, [...first, ...args], { stdio: stdioOf(descriptors), env });
  const exited = once(child, 'exit');
  for (const [fd, typed] of Object.entries(descriptors.typed ?? {})) feed(child.stdio[Number(fd)], typed);
  const out = child.stdout === null ? '' : await text(child.stdout);
  const [code] = (await exited) as [number | null];
  return { code: code ?? exitCodes.error, out };
}

/** What dialogd writes to standard output when asked something, and nothing where it cannot be run or takes too long. */
export const askDialogd = (
  [program, ...first]: Context['dialogd'],
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly timeout: number },
): Promise<string> =>
  new Promise((resolve) => {
    execFile(program, [...first, ...args], options, (_error, stdout) => resolve(stdout));
  });

function stdioOf({ inherited = [], typed = {}, captured = false }: Descriptors): StdioOptions {
  const stdio: ('inherit' | 'ignore' | 'pipe' | number)[] = [
    'inherit',
    captured ? 'pipe' : 'inherit',
    'inherit',
  ];
  const set = (fd: number, as: 'pipe' | number): void => {
    while (stdio.length < fd) stdio.push('ignore');
    stdio[fd] = as;
  };
  for (const fd of inherited) if (fd !== undefined && fd > 2) set(fd, fd);
  for (const [fd, text] of Object.entries(typed)) if (text !== undefined) set(Number(fd), 'pipe');
  return stdio;
}

function feed(stream: unknown, typed: string | undefined): void {
  if (typed === undefined) return;
  const pipe = stream as NodeJS.WritableStream;
  // dialogd may refuse before it read everything; its exit code tells.
  pipe.on('error', () => {});
  pipe.end(`${typed}\n`);
}
