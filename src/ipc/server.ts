import { fullSocket, readOnlySocket } from '../paths.ts';
import type { Clock } from '../ports.ts';
import { createDispatcher } from './dispatcher.ts';
import { Endpoint, type Place } from './endpoint.ts';
import { defaultLimits, type ServerLimits } from './limits.ts';
import type { MethodServerOptions } from './method-server.ts';
import { type PassedSocket, passedSocketFor } from './passed-sockets.ts';
import type { PeerUid } from './peer.ts';
import type { Access } from './protocol/method.ts';
import { prepareRuntimeDirectory } from './runtime-directory.ts';

export interface ServerOptions extends MethodServerOptions {
  /** Made with mode 0700 if missing; of no account when sockets were passed. */
  readonly runtimeDir: string;
  /** Both sockets, or none: then they are made. */
  readonly passed?: readonly PassedSocket[];
  readonly clock: Clock;
  readonly limits?: Partial<ServerLimits>;
  /** Whose process is at the other end of a socket, by its descriptor; undefined: this system does not tell. */
  readonly peerUid?: PeerUid | undefined;
}

export interface RunningServer {
  readonly paths: { readonly full: string; readonly readOnly: string };
  /** Removes the sockets that were made and answers what was asked; ends after `drainMs` at the latest. */
  close(): Promise<void>;
}

/**
 * Listens on both sockets.
 * Errors: `path_unsafe`, `already_running` (somebody listens there), `config_invalid` (path too long, or only one
 * socket passed).
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { runtimeDir, passed = [], clock, log, peerUid } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const dispatch = createDispatcher({ ...options, limits });
  const at = (own: string): Place => (passed.length === 0 ? { path: own } : passedSocketFor(own, passed));
  const places = { full: at(fullSocket(runtimeDir)), readOnly: at(readOnlySocket(runtimeDir)) };
  const paths = { full: places.full.path, readOnly: places.readOnly.path };
  const open = (place: Place, access: Access): Promise<Endpoint> =>
    Endpoint.open({ ...place, access, dispatch, limits, clock, log, peerUid });

  if (passed.length === 0) await prepareRuntimeDirectory(runtimeDir);
  const full = await open(places.full, 'full');
  const readOnly = await open(places.readOnly, 'read').catch(async (error: unknown) => {
    await full.close();
    throw error;
  });
  log.info('socket_listening', { path: paths.full, readOnlyPath: paths.readOnly, passed: passed.length > 0 });
  return {
    paths,
    async close() {
      await Promise.all([full.close(), readOnly.close()]);
    },
  };
}
