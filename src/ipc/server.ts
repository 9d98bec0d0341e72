import { fullSocket, readOnlySocket } from '../paths.ts';
import type { Clock } from '../ports.ts';
import { createDispatcher } from './dispatcher.ts';
import { Endpoint } from './endpoint.ts';
import { defaultLimits, type ServerLimits } from './limits.ts';
import type { MethodServerOptions } from './method-server.ts';
import type { PeerUid } from './peer.ts';
import type { Access } from './protocol/method.ts';
import { prepareRuntimeDirectory } from './runtime-directory.ts';

export interface ServerOptions extends MethodServerOptions {
  /** Made with mode 0700 if missing. */
  readonly runtimeDir: string;
  readonly clock: Clock;
  readonly limits?: Partial<ServerLimits>;
  /** Whose process is at the other end of a socket, by its descriptor; undefined: this system does not tell. */
  readonly peerUid?: PeerUid | undefined;
}

export interface RunningServer {
  readonly paths: { readonly full: string; readonly readOnly: string };
  /** Removes the sockets and answers what was asked; ends after `drainMs` at the latest. */
  close(): Promise<void>;
}

/**
 * Listens on both sockets.
 * Errors: `path_unsafe`, `already_running` (somebody listens there), `config_invalid` (path too long).
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { runtimeDir, clock, log, peerUid } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const dispatch = createDispatcher({ ...options, limits });
  const paths = { full: fullSocket(runtimeDir), readOnly: readOnlySocket(runtimeDir) };
  const open = (path: string, access: Access): Promise<Endpoint> =>
    Endpoint.open({ path, access, dispatch, limits, clock, log, peerUid });

  await prepareRuntimeDirectory(runtimeDir);
  const full = await open(paths.full, 'full');
  const readOnly = await open(paths.readOnly, 'read').catch(async (error: unknown) => {
    await full.close();
    throw error;
  });
  log.info('socket_listening', { path: paths.full, readOnlyPath: paths.readOnly });
  return {
    paths,
    async close() {
      await Promise.all([full.close(), readOnly.close()]);
    },
  };
}
