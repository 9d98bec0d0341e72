/** The commands whose exit code is about the daemon's health. */
import { readLastFailure } from '../../last-failure.ts';
import { resolvePaths } from '../../paths.ts';
import { type Context, NotRunning, show } from '../context.ts';
import { healthExitCodes } from '../exit-codes.ts';
import { healthView } from '../views/health.ts';
import { statusView } from '../views/status.ts';

export interface HealthOptions {
  readonly stateDir?: string;
}

export async function status(context: Context, options: HealthOptions): Promise<number> {
  const asking = show(context, 'daemon.status', {}, statusView);
  const { health } = await asking.catch(explain(context, options));
  return healthExitCodes[health.state];
}

export async function health(context: Context, options: HealthOptions): Promise<number> {
  const asking = show(context, 'daemon.health', {}, healthView);
  const { state } = await asking.catch(explain(context, options));
  return healthExitCodes[state];
}

/** A daemon that is gone has left word of why, in its state directory. */
const explain =
  ({ env }: Context, { stateDir }: HealthOptions) =>
  async (error: unknown): Promise<never> => {
    if (!(error instanceof NotRunning)) throw error;
    const paths = resolvePaths(env, stateDir === undefined ? {} : { stateDir });
    throw new NotRunning(error.path, await readLastFailure(paths.stateDir));
  };
