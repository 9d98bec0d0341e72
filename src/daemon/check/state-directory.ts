import type { Stats } from 'node:fs';
import { lstat, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { doubtful, type Finding, failed, fine, wrong } from '../../finding.ts';
import { isLow } from '../../health/machine-conditions.ts';
import { assertPrivateToOwner, ignoreMissing } from '../../private-file.ts';
import type { Place } from './place.ts';

const PLACE = 'state.directory';
const PRIVATE = 'state.private';
const NOTHING_BYTES = 4 * 1024 * 1024;

/** It is there, a directory of ours that can be entered, private with all that is in it, and the disk has room. */
export async function checkStateDirectory({ paths: { stateDir }, holder }: Place): Promise<Finding[]> {
  try {
    const stats = await lstat(stateDir).catch(ignoreMissing);
    if (stats === undefined)
      return [wrong(PLACE, `there is no state directory ${stateDir}`, 'dialogctl init')];
    if (!stats.isDirectory()) {
      return [
        wrong(PLACE, `${stateDir} is no directory`, 'name the state directory itself: --state-dir DIR'),
      ];
    }
    const open = [...privacyOf(stateDir, stats), ...(await filesIn(stateDir))];
    return [
      fine(PLACE, stateDir),
      ...(open.length > 0 ? open : [fine(PRIVATE, 'it is open to nobody else, nor is any file in it')]),
      await room(stateDir),
      fine('state.user', holder === undefined ? 'no process uses it' : `process ${holder.pid} uses it`),
    ];
  } catch (error) {
    return [failed(PLACE, error)];
  }
}

function privacyOf(path: string, stats: Stats): Finding[] {
  try {
    assertPrivateToOwner(path, stats);
    return [];
  } catch (error) {
    return [failed(PRIVATE, error)];
  }
}

/** The daemon refuses to read a key that others may read, even where they cannot get at it. */
async function filesIn(directory: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const stats = await lstat(path).catch(ignoreMissing);
    if (stats?.isFile() === true) findings.push(...privacyOf(path, stats));
  }
  return findings;
}

async function room(path: string): Promise<Finding> {
  const { bavail, blocks, bsize } = await statfs(path);
  return judgeRoom(bavail * bsize, blocks * bsize);
}

/** Every step is written before it is taken: without room nothing goes on. */
export function judgeRoom(freeBytes: number, totalBytes: number): Finding {
  const check = 'state.disk';
  const message = `${Math.floor(freeBytes / 1_048_576)} MiB are free for the state`;
  const repair = 'make room on that disk: du -xh --max-depth 2 / | sort -h';
  if (!isLow(freeBytes, totalBytes)) return fine(check, message);
  return (freeBytes < NOTHING_BYTES ? wrong : doubtful)(check, message, repair);
}
