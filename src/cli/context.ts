import { type Client, connect } from '../ipc/client.ts';
import { type MethodName, methods, type ParamsInput, type Result } from '../ipc/protocol/methods.ts';
import type { LastFailure } from '../last-failure.ts';
import { fullSocket, readOnlySocket, resolvePaths } from '../paths.ts';
import { VERSION } from '../version.ts';
import type { Terminal } from './terminal.ts';
import type { View } from './views/view.ts';
import { printable } from './words.ts';

export interface GlobalOptions {
  readonly socket?: string;
  readonly runtimeDir?: string;
  readonly json?: boolean;
}

/** What every command works with. */
export interface Context {
  readonly terminal: Terminal;
  readonly options: GlobalOptions;
  readonly env: NodeJS.ProcessEnv;
  /** How to run dialogd: a program and its first arguments. */
  readonly dialogd: readonly [string, ...string[]];
}

/** Whoever signs a change may be a person with a phone. */
const CHANGE_PATIENCE_MS = 120_000;

/** Nobody answers where the daemon's socket should be. */
export class NotRunning extends Error {
  readonly path: string;
  /** Why the last one ended, where it left word. */
  readonly lastFailure: LastFailure | undefined;

  constructor(path: string, lastFailure?: LastFailure) {
    super(`dialogd is not running: nobody answers at ${path}`);
    this.name = 'NotRunning';
    this.path = path;
    this.lastFailure = lastFailure;
  }
}

/**
 * Runs `use` with a connection, on the read-only socket unless the method changes something.
 * Throws NotRunning, and what `connect` throws.
 */
export async function withClient<T>(
  { options, env }: Context,
  method: MethodName,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const { runtimeDir } = resolvePaths(
    env,
    options.runtimeDir === undefined ? {} : { runtimeDir: options.runtimeDir },
  );
  const own = methods[method].access === 'full' ? fullSocket(runtimeDir) : readOnlySocket(runtimeDir);
  const outcome = await connect(options.socket ?? own, { client: `dialogctl ${VERSION}` });
  if (outcome.kind === 'not_running') throw new NotRunning(outcome.path);
  try {
    return await use(outcome.client);
  } finally {
    outcome.client.close();
  }
}

/** Calls a method and prints its answer: as it came with --json, else as `view` has it. */
export async function show<M extends MethodName>(
  context: Context,
  method: M,
  params: ParamsInput<M>,
  view: View<M>,
): Promise<Result<M>> {
  const patienceMs = methods[method].access === 'full' ? CHANGE_PATIENCE_MS : undefined;
  const result = await withClient(context, method, (client) => client.call(method, params, patienceMs));
  print(context, result, view);
  return result;
}

export function print<M extends MethodName>(
  { terminal, options }: Context,
  result: Result<M>,
  view: View<M>,
): void {
  const text = options.json
    ? `${JSON.stringify(result, null, 2)}\n`
    : view(printable(result), { paint: terminal.paint, now: terminal.now() });
  terminal.out(text);
}
