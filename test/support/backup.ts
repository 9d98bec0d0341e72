import { type Restored, restoreBackup } from '../../src/backup/restore.ts';
import { type WrittenBackup, writeBackup } from '../../src/backup/write.ts';
import { loadConfig } from '../../src/config.ts';
import { type OpenedState, openState } from '../../src/daemon/state.ts';
import { systemRandom } from '../../src/daemon/system.ts';
import type { Paths } from '../../src/paths.ts';
import type { View } from '../../src/ports.ts';
import { createManualClock } from './clock.ts';

export const PASSPHRASE = 'correct horse battery staple';
export const clock = createManualClock();

/** Opens the state there for `use`, as a daemon would. */
export async function withState<T>(paths: Paths, use: (state: OpenedState) => Promise<T>): Promise<T> {
  const config = loadConfig(paths.configFile);
  const state = await openState({ paths, config, env: {}, clock, random: systemRandom });
  try {
    return await use(state);
  } finally {
    await state.close();
  }
}

/** A backup of a state that no daemon uses. */
export const backUp = (paths: Paths, path: string, force = false): Promise<WrittenBackup> =>
  withState(paths, ({ store, exportAccount }) =>
    writeBackup(
      { store, exportAccount, clock, configFile: paths.configFile, logRounds: 4 },
      { path, passphrase: PASSPHRASE, force },
    ),
  );

export const restore = (paths: Paths, file: string, passphrase = PASSPHRASE): Promise<Restored> =>
  restoreBackup({ paths, env: {}, clock, random: systemRandom, file, passphrase });

/** Every record of every table. */
export async function everything(view: View): Promise<Record<string, unknown[]>> {
  const tables = Object.entries(view).map(async ([name, table]) => [name, await table.list()]);
  return Object.fromEntries(await Promise.all(tables));
}
