import type { Context } from '../context.ts';
import { type ExamineOptions, examine } from '../doctor/examine.ts';
import { exitCodes } from '../exit-codes.ts';
import { findingsText } from '../views/findings.ts';

/** Examines the installation and says what it found; ends with 1 when something is wrong. */
export async function doctor(context: Context, options: ExamineOptions): Promise<number> {
  const { terminal } = context;
  const { findings } = await examine(context, options);
  const sound = !findings.some(({ level }) => level === 'error');
  terminal.out(
    context.options.json
      ? `${JSON.stringify({ sound, findings }, null, 2)}\n`
      : findingsText(findings, terminal.paint),
  );
  return sound ? exitCodes.success : exitCodes.error;
}
