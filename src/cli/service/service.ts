import type { CommandLine, Step } from './steps.ts';

export interface LogOptions {
  readonly lines: number;
  readonly follow?: boolean;
}

/** dialogd as a service of one service manager. */
export interface Service {
  /** What has to be done, in this order; the same again changes nothing but restarts the daemon. */
  install(): Promise<readonly Step[]>;
  /** Nothing where nothing is installed. */
  uninstall(): Promise<readonly Step[]>;
  readonly status: CommandLine;
  logs(options: LogOptions): CommandLine;
  /** What the operator should know about this installation, one line each. */
  advice(): Promise<readonly string[]>;
  /** Files and directories that uninstalling leaves: the account is in them, or an operator made them. */
  readonly kept: readonly string[];
}
