/** Groups for the rest of the daemon: bytes in, bytes and facts out, the thread chosen by the size of the work. */
import type { Random } from '../ports.ts';
import { createProvider } from './crypto/provider.ts';
import type { GroupWorker } from './worker/host.ts';
import {
  type CommitAnswer,
  type CommitCall,
  type JoinAnswer,
  type JoinCall,
  OPERATIONS,
  type ProcessAnswer,
  type ProcessCall,
} from './worker/operations.ts';

/**
 * States, Welcomes and messages up to this size together are worked on where they are: about 90 members, 20 ms.
 * Above it the daemon would be late to answer; below, handing over costs more than it saves.
 */
export const MAIN_THREAD_BYTES = 32_768;

export interface GroupRoom {
  join(call: JoinCall): Promise<JoinAnswer>;
  process(call: ProcessCall): Promise<ProcessAnswer>;
  commit(call: CommitCall): Promise<CommitAnswer>;
}

/** States passed in stay as they are; `erase` their bytes when the new ones are stored. */
export function createGroupRoom(random: Random, worker: GroupWorker): GroupRoom {
  const cs = createProvider(random);
  const isBig = (...parts: readonly Uint8Array[]): boolean =>
    parts.reduce((sum, part) => sum + part.length, 0) > MAIN_THREAD_BYTES;
  return {
    join: (call) => (isBig(call.welcome) ? worker.call('join', call) : OPERATIONS.join(cs, call)),
    process: (call) =>
      isBig(call.state, call.message) ? worker.call('process', call) : OPERATIONS.process(cs, call),
    commit: (call) =>
      isBig(call.state, ...(call.request.add ?? []))
        ? worker.call('commit', call)
        : OPERATIONS.commit(cs, call),
  };
}
