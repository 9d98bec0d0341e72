import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where one installation keeps its things; absolute paths. */
export interface Paths {
  readonly configFile: string;
  readonly stateDir: string;
  readonly runtimeDir: string;
}

/**
 * A flag wins over systemd's directory variables (systemd.exec(5)), those over the XDG base directories,
 * those over the places below the home directory. Without a runtime directory of the session the sockets
 * live in the state directory.
 */
export function resolvePaths(
  env: NodeJS.ProcessEnv,
  overrides: { config?: string; stateDir?: string; runtimeDir?: string } = {},
): Paths {
  const home = env.HOME ?? homedir();
  const below = (xdg: string | undefined, fallback: string): string =>
    join(xdg?.startsWith('/') ? xdg : join(home, fallback), 'dialogd');
  const stateDir =
    overrides.stateDir ?? env.STATE_DIRECTORY ?? below(env.XDG_STATE_HOME, join('.local', 'state'));
  return {
    configFile:
      overrides.config ??
      join(env.CONFIGURATION_DIRECTORY ?? below(env.XDG_CONFIG_HOME, '.config'), 'config.toml'),
    stateDir,
    runtimeDir:
      overrides.runtimeDir ??
      env.RUNTIME_DIRECTORY ??
      (env.XDG_RUNTIME_DIR !== undefined ? join(env.XDG_RUNTIME_DIR, 'dialogd') : join(stateDir, 'run')),
  };
}

/** The socket that may change things. */
export const fullSocket = (runtimeDir: string): string => join(runtimeDir, 'dialogd.sock');
/** The socket that only looks. */
export const readOnlySocket = (runtimeDir: string): string => join(runtimeDir, 'dialogd-ro.sock');
