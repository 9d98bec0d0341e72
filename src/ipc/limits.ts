/** What one server bears. Whatever exceeds a limit is answered `busy` with a time to try again. */
export interface ServerLimits {
  /** Open connections for each socket. */
  readonly connections: number;
  /** Calls of one connection being worked on. */
  readonly callsInFlight: number;
  /** Requests in one batch. */
  readonly batchLength: number;
  /** Bytes in one line, in either direction, without its newline. */
  readonly lineBytes: number;
  /** Notice subscriptions of one connection. */
  readonly subscriptions: number;
  /** Bytes waiting for one client to read them; a client beyond that is disconnected. */
  readonly writeBufferBytes: number;
  /** How long a line may take from its first byte to its newline, in milliseconds. */
  readonly lineMs: number;
  /** How long a closing connection may take for its last answers, in milliseconds. */
  readonly drainMs: number;
}

export const defaultLimits: ServerLimits = {
  connections: 64,
  callsInFlight: 32,
  batchLength: 32,
  lineBytes: 1_048_576,
  subscriptions: 8,
  writeBufferBytes: 8_388_608,
  lineMs: 30_000,
  drainMs: 5_000,
};

/** When a client may try again after a limit was hit. */
export const RETRY_AFTER_SEC = 1;
