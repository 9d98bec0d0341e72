/** What `dialogd check` finds: it may look at keys and state, and dialogctl may not. */
import { z } from 'zod';
import { type Finding, wrong } from '../../finding.ts';
import type { Paths } from '../../paths.ts';
import type { Context } from '../context.ts';
import { askDialogd } from '../run-dialogd.ts';

const PATIENCE_MS = 30_000;

const answer = z.object({
  holder: z.object({ pid: z.int(), since: z.int() }).nullable(),
  findings: z.array(
    z.object({
      check: z.string(),
      level: z.enum(['ok', 'warning', 'error']),
      message: z.string(),
      repair: z.string().optional(),
    }),
  ),
});

export interface Offline {
  /** The process that uses the state directory. */
  readonly holder: { readonly pid: number; readonly since: number } | undefined;
  readonly findings: readonly Finding[];
}

/** Its exit code only repeats what it found. */
export async function checkOffline(
  { dialogd, env }: Pick<Context, 'dialogd' | 'env'>,
  { stateDir, configFile }: Paths,
): Promise<Offline> {
  const args = ['check', '--json', '--state-dir', stateDir, '--config', configFile];
  const output = await askDialogd(dialogd, args, { env, timeout: PATIENCE_MS });
  const parsed = answer.safeParse(parseJson(output));
  if (parsed.success) {
    const findings = parsed.data.findings.map(({ repair, ...rest }) =>
      repair === undefined ? rest : { ...rest, repair },
    );
    return { holder: parsed.data.holder ?? undefined, findings };
  }
  const unusable = wrong(
    'program.runs',
    'dialogd itself cannot be run here',
    'install it again: npm ci && npm run build',
  );
  return { holder: undefined, findings: [unusable] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
