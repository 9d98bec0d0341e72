import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exists, ignoreMissing } from '../private-file.ts';
import { damaged } from './failures.ts';
import { unsoundTables } from './opening.ts';

/**
 * The names of table files with a block that is not as it was written, in a store that no process uses. Nothing is
 * changed; opening it, as a start does, checks more. Error: `store_damaged`.
 */
export async function inspectStore(stateDir: string): Promise<string[]> {
  const directory = join(stateDir, 'store');
  const names = await readdir(directory).catch(ignoreMissing);
  if (names === undefined) {
    if (await exists(join(stateDir, 'witness'))) throw damaged('its directory is missing');
    return [];
  }
  // LevelDB's name of the file that lists the others.
  if (names.length > 0 && !names.includes('CURRENT')) throw damaged('its file CURRENT is missing');
  return [...(await unsoundTables(directory)).keys()];
}
