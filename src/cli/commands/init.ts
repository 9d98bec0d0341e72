import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { type InitOptions, initArguments, type TypedSecrets } from '../init-options.ts';
import { askInit } from '../init-questions.ts';
import { runDialogd } from '../run-dialogd.ts';

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
  const args = ['init', ...initArguments(options), ...(context.options.json ? ['--json'] : [])];
  const { code } = await runDialogd(context, args, {
    inherited: [options.secretFd, options.passwordFd],
    typed: { 0: typed.secret, [PASSWORD_PIPE]: typed.password },
  });
  return code;
}
