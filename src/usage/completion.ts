import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import type { CommandShape } from './shape.ts';
import { zshCompletion } from './zsh.ts';

const generators = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export type Shell = keyof typeof generators;

export const shells = Object.keys(generators) as Shell[];

/** What this shell has to read to complete the command lines of the program. It never starts the program. */
export const completionScript = (shell: Shell, program: CommandShape): string => generators[shell](program);
