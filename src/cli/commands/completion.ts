import type { Command } from 'commander';
import { completionScript, type Shell } from '../../usage/completion.ts';
import { shapeOf } from '../../usage/shape.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';

/** Prints the script for the shell that the chosen command names. */
export function completion({ terminal }: Context, { parent, processedArgs }: Command): number {
  const [shell] = processedArgs as [Shell];
  terminal.out(completionScript(shell, shapeOf(parent as Command)));
  return exitCodes.success;
}
