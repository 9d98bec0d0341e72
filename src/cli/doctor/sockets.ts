import { lstat } from 'node:fs/promises';
import { type Finding, failed, fine, wrong } from '../../finding.ts';
import { fullSocket, readOnlySocket } from '../../paths.ts';
import { assertPrivateToOwner, ignoreMissing } from '../../private-file.ts';

const CHECK = 'sockets.private';

/** The directory that guards the sockets, and the sockets, as far as they are there. */
export async function checkSockets(runtimeDir: string): Promise<Finding[]> {
  const found = [
    ...(await judge(runtimeDir, 'directory')),
    ...(await judge(fullSocket(runtimeDir), 'socket')),
    ...(await judge(readOnlySocket(runtimeDir), 'socket')),
  ];
  const bad = found.filter(({ level }) => level !== 'ok');
  return bad.length > 0 ? bad : found.slice(0, 1);
}

/** Nothing is wrong with what is not there: a daemon makes it. */
async function judge(path: string, kind: 'directory' | 'socket'): Promise<Finding[]> {
  try {
    const stats = await lstat(path).catch(ignoreMissing);
    if (stats === undefined) return [];
    if (!(kind === 'directory' ? stats.isDirectory() : stats.isSocket())) {
      return [wrong(CHECK, `${path} is no ${kind}`, 'remove it, or choose another place with --runtime-dir')];
    }
    assertPrivateToOwner(path, stats);
    return [fine(CHECK, `${path} is open to nobody else`)];
  } catch (error) {
    return [failed(CHECK, error)];
  }
}
