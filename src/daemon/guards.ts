import type { Result } from '../ipc/protocol/methods.ts';
import type { Libc } from '../native/libc.ts';
import type { Supervisor } from '../ports.ts';

/** What keeps watch over this process and its sockets. */
export interface Guards {
  /** The service manager ends the process when it is not alive. */
  readonly watchdog: boolean;
  /** Tells whose process is at the other end of a socket, where the system does. */
  readonly peerUid: Libc['peerUid'] | undefined;
  /** No core dump, and no debugger of the same user. */
  readonly undumpable: boolean;
}

/** The same, as the status has it. */
export const guardsView = (
  { watchdog, peerUid, undumpable }: Guards,
  { transport }: Pick<Supervisor, 'transport'>,
): Result<'daemon.status'>['guards'] => ({
  supervisor: transport,
  watchdog,
  peersChecked: peerUid !== undefined,
  undumpable,
});
