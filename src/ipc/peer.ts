import type { Socket } from 'node:net';
import { DaemonError } from '../errors.ts';

/** The user at the other end of a Unix socket, by its file descriptor. */
export type PeerUid = (fd: number) => number | undefined;

/**
 * Why this client is not served; undefined: it is one of ours or of root's. The file modes keep others out
 * already: this is for a directory that somebody opened, and for a descriptor that was handed on.
 */
export function foreignPeer(socket: Socket, peerUid: PeerUid | undefined): DaemonError | undefined {
  if (peerUid === undefined) return undefined;
  const fd = descriptorOf(socket);
  const uid = fd === undefined ? undefined : peerUid(fd);
  if (uid !== undefined && (uid === 0 || uid === process.geteuid?.())) return undefined;
  return new DaemonError('forbidden', `this socket is not for user ${uid ?? 'unknown'}`, {
    repair: 'connect as the user dialogd runs as, or as root',
  });
}

/** Node shows the descriptor of a socket only here. */
const descriptorOf = (socket: Socket): number | undefined =>
  (socket as { readonly _handle?: { readonly fd?: number } | null })._handle?.fd;
