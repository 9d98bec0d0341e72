import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Log, Supervisor } from '../ports.ts';

const PROGRAM = 'systemd-notify';
/** systemd-notify waits until the service manager has taken the message. */
const TELL_WITHIN_MS = 5_000;

/** Hands over assignments of sd_notify(3). */
type Send = (assignments: readonly string[]) => Promise<void>;

/**
 * Tells the service manager that started this process, if one did, by the protocol of sd_notify(3). Node opens
 * no Unix datagram sockets, so each message is one short `systemd-notify`: the unit needs NotifyAccess=all.
 */
export async function createSupervisor(env: NodeJS.ProcessEnv, log: Log): Promise<Supervisor> {
  const program = env.NOTIFY_SOCKET === undefined ? undefined : await findProgram(env);
  log.info('supervisor', { transport: program === undefined ? 'none' : PROGRAM });
  const send: Send = program === undefined ? async () => {} : sender(program, env, log);
  let told = Promise.resolve();
  let isReady = false;
  const tell = (...assignments: string[]): Promise<void> => {
    told = told.then(() => send(assignments));
    return told;
  };
  return {
    ready(status) {
      isReady = true;
      tell('READY=1', statusAssignment(status));
    },
    status: (line) => void tell(statusAssignment(line)),
    reloading() {
      if (isReady) tell('RELOADING=1');
    },
    reloaded() {
      if (isReady) tell('READY=1');
    },
    stopping: () => tell('STOPPING=1'),
  };
}

/** On one line: what follows a newline would be an assignment of its own. */
const statusAssignment = (line: string): string => `STATUS=${line.replace(/\p{Cc}/gu, ' ')}`;

function sender(program: string, env: NodeJS.ProcessEnv, log: Log): Send {
  let failed = false;
  return (assignments) =>
    new Promise((resolve) => {
      execFile(program, assignments, { env, timeout: TELL_WITHIN_MS }, (error) => {
        if (error !== null && !failed) log.warn('supervisor_not_told', { message: error.message });
        failed = error !== null;
        resolve();
      });
    });
}

async function findProgram({ PATH = '' }: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const directory of PATH.split(delimiter)) {
    const path = join(directory, PROGRAM);
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (directory.startsWith('/') && runs) return path;
  }
  return undefined;
}
