import type { Config } from '../../config.ts';
import type { Paths } from '../../paths.ts';
import { holderOf } from '../../store/state-directory.ts';

/** What the checks look at. They change nothing, and a daemon that runs there does not notice them. */
export interface Place {
  readonly paths: Paths;
  readonly env: NodeJS.ProcessEnv;
  /** Undefined when it has a mistake. */
  readonly config: Config | undefined;
  /** The process that uses the state directory now. */
  readonly holder: { readonly pid: number; readonly since: number } | undefined;
}

/** Undefined too when the process that noted itself there is gone. */
export async function livingHolder(stateDir: string): Promise<Place['holder']> {
  // A directory that may not be entered is the business of its own check.
  const holder = await holderOf(stateDir).catch(() => undefined);
  return holder !== undefined && lives(holder.pid) ? holder : undefined;
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
