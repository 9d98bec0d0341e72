import type { Log, Supervisor } from '../ports.ts';
import type { NotifyTransport } from './notify-transport.ts';

interface Parts {
  readonly transport: NotifyTransport;
  /** CLOCK_MONOTONIC, in whole microseconds. */
  readonly monotonicUsec: () => bigint;
  readonly log: Log;
}

/** Tells the service manager that started this process, if one did, by the protocol of sd_notify(3). */
export function createSupervisor({ transport, monotonicUsec, log }: Parts): Supervisor {
  log.info('supervisor', { transport: transport.name });
  let told = Promise.resolve();
  let isReady = false;
  let failed = false;

  const send = async (assignments: readonly string[]): Promise<void> => {
    try {
      await transport.send(assignments);
      failed = false;
    } catch (error) {
      if (!failed) log.warn('supervisor_not_told', { message: (error as Error).message });
      failed = true;
    }
  };
  const tell = (...assignments: string[]): Promise<void> => {
    told = told.then(() => send(assignments));
    return told;
  };
  return {
    transport: transport.name,
    ready(status) {
      isReady = true;
      tell('READY=1', statusAssignment(status));
    },
    status: (line) => void tell(statusAssignment(line)),
    reloading() {
      if (isReady) tell('RELOADING=1', `MONOTONIC_USEC=${monotonicUsec()}`);
    },
    reloaded() {
      if (isReady) tell('READY=1');
    },
    needsAnother: (ms) => void tell(`EXTEND_TIMEOUT_USEC=${ms * 1_000}`),
    alive: () => void tell('WATCHDOG=1'),
    stopping: () => tell('STOPPING=1'),
  };
}

/** On one line: what follows a newline would be an assignment of its own. */
const statusAssignment = (line: string): string => `STATUS=${line.replace(/\p{Cc}/gu, ' ')}`;
