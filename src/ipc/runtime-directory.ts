import { lstat, mkdir } from 'node:fs/promises';
import { DaemonError } from '../errors.ts';
import { assertPrivate } from '../private-file.ts';

/**
 * The directory that guards the sockets: made if missing, and refused unless it is a real directory of ours
 * that nobody else may enter. Error: `path_unsafe`.
 */
export async function prepareRuntimeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    // Something else is in the way: looked at below, without following a link.
    if (error.code !== 'EEXIST') throw unusable(path, `cannot be made (${error.code})`);
  });
  const found = await lstat(path);
  if (!found.isDirectory()) throw unusable(path, 'is not a directory of its own');
  if (found.uid !== process.geteuid?.()) throw unusable(path, 'belongs to another user');
  assertPrivate(path, found);
}

const unusable = (path: string, why: string): DaemonError =>
  new DaemonError('path_unsafe', `the runtime directory ${path} ${why}`, {
    repair: 'choose another one with --runtime-dir',
  });
