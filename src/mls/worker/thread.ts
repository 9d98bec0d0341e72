/** The thread behind worker-host.ts: one operation after the other, on bytes. */
import { randomBytes } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { DaemonError } from '../../errors.ts';
import type { Random } from '../../ports.ts';
import { createProvider } from '../crypto/provider.ts';
import { type Call, OPERATIONS, type OperationName, type ThreadMessage } from './operations.ts';

/** A function cannot be passed to a thread: it draws from the same operating system as the daemon does. */
const random: Random = { bytes: (length) => new Uint8Array(randomBytes(length)) };
const cs = createProvider(random);

interface CallMessage {
  readonly id: number;
  readonly name: OperationName;
  readonly call: Call<OperationName>;
}

const failureOf = (error: unknown): NonNullable<ThreadMessage['failure']> =>
  error instanceof DaemonError
    ? { code: error.code, message: error.message }
    : { code: 'internal', message: error instanceof Error ? `${error.stack}` : String(error) };

async function answerTo({ id, name, call }: CallMessage): Promise<ThreadMessage> {
  const run = OPERATIONS[name] as (provider: typeof cs, call: CallMessage['call']) => Promise<never>;
  try {
    return { id, answer: await run(cs, call) };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

parentPort?.on('message', async (message: CallMessage) => parentPort?.postMessage(await answerTo(message)));
