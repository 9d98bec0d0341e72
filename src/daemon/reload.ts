import type { Config } from '../config.ts';
import { DaemonError } from '../errors.ts';
import type { LeveledLog } from '../logging/logging.ts';

/** The one setting that a running daemon takes over. */
const AT_ONCE = 'log.level';

/**
 * Reads the configuration again. The log level applies at once; whatever else differs from what the daemon was
 * started with is named, and waits for a restart. A configuration with a mistake changes nothing.
 */
export function reloadConfig(read: () => Config, started: Config, log: LeveledLog): void {
  try {
    const next = read();
    log.info('config_reloaded', { logLevel: next.log.level });
    log.setLevel(next.log.level);
    const settings = differences(started, next).filter((name) => name !== AT_ONCE);
    if (settings.length > 0) log.warn('restart_needed', { settings, repair: 'restart dialogd' });
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error;
    log.error('config_refused', { message: error.message, repair: error.repair });
  }
}

/** `section.setting` of everything that is not the same. */
function differences(one: Config, other: Config): string[] {
  const values = (config: Config): Map<string, string> =>
    new Map(
      Object.entries(config).flatMap(([section, settings]) =>
        Object.entries(settings).map(([name, value]) => [`${section}.${name}`, JSON.stringify(value)]),
      ),
    );
  const before = values(one);
  const after = values(other);
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  );
}
