import { type Milliseconds, milliseconds } from '../ids.ts';

/** What the service manager that started this process has said in the environment. */
export interface ServiceManager {
  /** Address of the socket it listens on: a path, or an abstract one with `@` (sd_notify(3)). */
  readonly notifySocket: string | undefined;
  /** A silence this long and it ends the process (sd_watchdog_enabled(3)). */
  readonly watchdogMs: Milliseconds | undefined;
}

const VARIABLES = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'] as const;

/** Reads it and takes it out of `env`, so that no child process speaks in the name of the daemon. */
export function takeServiceManager(env: NodeJS.ProcessEnv, pid: number): ServiceManager {
  const [notifySocket, watchdogUsec, watchdogPid] = VARIABLES.map((name) => {
    const value = env[name];
    delete env[name];
    return value === '' ? undefined : value;
  });
  const usec = /^[1-9]\d{0,15}$/.test(watchdogUsec ?? '') ? Number(watchdogUsec) : undefined;
  const meant = watchdogPid === undefined || watchdogPid === String(pid);
  return {
    notifySocket,
    watchdogMs:
      notifySocket !== undefined && usec !== undefined && meant ? milliseconds(usec / 1_000) : undefined,
  };
}
