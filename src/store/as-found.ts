import { copyFile, link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exists, syncDirectory } from '../private-file.ts';

/**
 * The files of a database as they were found. LevelDB changes its directory while it opens it: what it cannot
 * read of a damaged log or manifest it deletes. One of the two ends it.
 */
export interface AsFound {
  /** The content turned out whole: the kept files go. */
  release(): Promise<void>;
  /** It did not, or the opening failed: the directory is again as it was found. */
  putBack(): Promise<void>;
}

/** LevelDB's lock and its informal logs hold nothing. */
const WORTHLESS = /^(LOCK|LOG(\.old)?)$/;

/**
 * Keeps the files of `directory` beside it, as hard links. The caller is the only process that uses it, and
 * writes nothing to it before `release`.
 */
export async function keepAsFound(directory: string): Promise<AsFound> {
  const kept = `${directory}.as-found`;
  const unfinished = `${kept}.new`;
  const released = `${kept}.old`;
  const replace = async (): Promise<void> => {
    await remove(directory);
    await rename(kept, directory);
  };

  await remove(unfinished);
  await remove(released);
  // An opening that never ended: it has written nothing, but LevelDB may have cleared things away.
  if (await exists(kept)) await replace();
  if (!(await exists(directory))) return { release: async () => {}, putBack: () => remove(directory) };

  await mkdir(unfinished, { mode: 0o700 });
  for (const name of await readdir(directory)) {
    if (!WORTHLESS.test(name)) await linkOrCopy(join(directory, name), join(unfinished, name));
  }
  await rename(unfinished, kept);
  return {
    putBack: replace,
    release: async () => {
      // In one step and for good: neither a half-removed nor an outdated directory may ever be put back.
      await rename(kept, released);
      await syncDirectory(dirname(directory));
      await remove(released);
    },
  };
}

const remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true });

/** Not every file system has hard links. */
const linkOrCopy = (from: string, to: string): Promise<void> =>
  link(from, to).catch(() => copyFile(from, to));
