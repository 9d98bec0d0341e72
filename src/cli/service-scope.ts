/** What `dialogctl service` is told after its command, for the service of an account of the machine. */
export const scopeOf = (account: string | undefined): string =>
  account === undefined ? '' : ` --system --account ${account}`;

/** The way out where no daemon runs. */
export const toStart = (account?: string): string => `start it: dialogctl service install${scopeOf(account)}`;
