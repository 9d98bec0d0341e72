import { mkdir } from 'node:fs/promises';
import net from 'node:net';
import { onTestFinished } from 'vitest';
import { fullSocket, readOnlySocket } from '../../src/paths.ts';

/** What Node makes of a path for a cluster's workers: bound, and nobody takes connections from it here. */
interface BoundHandle {
  readonly fd: number;
  close(): void;
}
type Bind = (path: string, port: -1, addressType: -1) => BoundHandle | number;

/** Binds both sockets in a private directory, as a socket unit does, until the test is over. Returns descriptors. */
export async function bindSockets(runtimeDir: string): Promise<readonly [full: number, readOnly: number]> {
  await mkdir(runtimeDir, { recursive: true, mode: 0o700 });
  const mask = process.umask(0o077);
  const handles = [fullSocket(runtimeDir), readOnlySocket(runtimeDir)].map(bind);
  process.umask(mask);
  const [full, readOnly] = handles.map(({ fd }) => fd) as [number, number];
  return [full, readOnly];
}

function bind(path: string): BoundHandle {
  const handle = (net as unknown as { _createServerHandle: Bind })._createServerHandle(path, -1, -1);
  if (typeof handle === 'number') throw new Error(`${path} cannot be bound: ${handle}`);
  onTestFinished(() => handle.close());
  return handle;
}
