import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DaemonError } from '../../errors.ts';
import { ignoreMissing } from '../../private-file.ts';

/** A program and its arguments. */
export type CommandLine = readonly [string, ...string[]];

/** One thing to do to install or uninstall the service. */
export type Step =
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  | { readonly kind: 'remove'; readonly path: string }
  /** With `mayFail` its exit code says nothing. */
  | { readonly kind: 'run'; readonly command: CommandLine; readonly mayFail?: true };

/** The step in one line, for whoever watches. */
export function describe(step: Step): string {
  return step.kind === 'run'
    ? `run     ${step.command.join(' ')}\n`
    : `${step.kind.padEnd(7)} ${step.path}\n`;
}

/** Error: `internal` when the step failed, with `repair`. */
export async function perform(step: Step, env: NodeJS.ProcessEnv, repair: string): Promise<void> {
  switch (step.kind) {
    case 'write':
      await mkdir(dirname(step.path), { recursive: true, mode: 0o755 });
      return writeFile(step.path, step.text, { mode: 0o644 });
    case 'remove':
      return rm(step.path, { force: true });
    case 'run': {
      const code = await runCommand(step.command, env);
      if (code === 0 || step.mayFail) return;
      throw new DaemonError('internal', `${step.command.join(' ')} ended with ${code}`, { repair });
    }
  }
}

/** Runs a program on this terminal and returns its exit code. Error: `unsupported` when there is no such program. */
export async function runCommand([program, ...args]: CommandLine, env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', env });
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 1;
  } catch (error) {
    throw new DaemonError('unsupported', `${program} cannot be run: ${(error as Error).message}`, {
      repair: 'start dialogd under the supervisor of this machine instead',
      cause: error,
    });
  }
}

/** The text of a file that anybody may read; undefined without it. */
export const textOf = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch(ignoreMissing);

/** A file of the package's own, with the words between @ replaced. */
export async function render(template: string, values: Readonly<Record<string, string>>): Promise<string> {
  const text = await readFile(new URL(`../../../${template}`, import.meta.url), 'utf8');
  return text.replace(/@([A-Z]+)@/g, (word, name: string) => values[name] ?? word);
}
