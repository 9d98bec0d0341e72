import { type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { type InitOptions, initArguments, type TypedSecrets } from '../init-options.ts';
import { askInit } from '../init-questions.ts';

const PASSWORD_PIPE = 3;

/**
 * Runs `dialogd init`, which alone may touch keys and state, and returns its exit code. Somebody at a terminal
 * who gave no options is asked.
 */
export async function init(context: Context, options: InitOptions, anyGiven: boolean): Promise<number> {
  const { dialogue } = context.terminal;
  if (anyGiven || dialogue === undefined) return runInit(context, options, {});
  const answers = await askInit(dialogue);
  if (answers === undefined) return exitCodes.error;
  const password = answers.secrets.password === undefined ? {} : { passwordFd: PASSWORD_PIPE };
  return runInit(context, { ...answers.options, ...password }, answers.secrets);
}

async function runInit(context: Context, options: InitOptions, typed: TypedSecrets): Promise<number> {
  const [program, ...first] = context.dialogd;
  const args = [...first, 'init', ...initArguments(options), ...(context.options.json ? ['--json'] : [])];
  const child = spawn(program, args, { stdio: stdioOf(options, typed), env: context.env });
  const exited = once(child, 'exit');
  feed(child.stdio[0], typed.secret);
  feed(child.stdio[PASSWORD_PIPE], typed.password);
  const [code] = (await exited) as [number | null];
  return code ?? exitCodes.error;
}

/** Descriptors keep their numbers in the child; those that carry what was typed are pipes. */
function stdioOf({ secretFd, passwordFd }: InitOptions, { secret, password }: TypedSecrets): StdioOptions {
  const stdio: ('inherit' | 'ignore' | 'pipe' | number)[] = ['inherit', 'inherit', 'inherit'];
  for (const fd of [secretFd, passwordFd]) {
    if (fd === undefined || fd < stdio.length) continue;
    while (stdio.length < fd) stdio.push('ignore');
    stdio[fd] = fd;
  }
  if (secret !== undefined) stdio[0] = 'pipe';
  if (password !== undefined) stdio[PASSWORD_PIPE] = 'pipe';
  return stdio;
}

function feed(stream: unknown, text: string | undefined): void {
  if (text === undefined) return;
  const pipe = stream as NodeJS.WritableStream;
  // dialogd may refuse before it read everything; its exit code tells.
  pipe.on('error', () => {});
  pipe.end(`${text}\n`);
}
