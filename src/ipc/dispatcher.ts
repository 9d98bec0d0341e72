/**
 * From one line to its answer. Batches are put together here, because json-rpc-2.0 answers a batch of one
 * with an object instead of an array.
 */
import type { JSONRPCResponse } from 'json-rpc-2.0';
import { DaemonError } from '../errors.ts';
import { errorAnswer, invalidRequestAnswer, isRequest, parseErrorAnswer } from './envelope.ts';
import { parseLine, toLine } from './framing.ts';
import { RETRY_AFTER_SEC, type ServerLimits } from './limits.ts';
import { createMethodServer, type MethodServerOptions } from './method-server.ts';
import type { Exchange } from './session.ts';

/** The answer to a line, newline included; undefined when there is none to give. Never rejects. */
export type Dispatch = (bytes: Uint8Array, exchange: Exchange) => Promise<string | undefined>;

type Answer = JSONRPCResponse | JSONRPCResponse[] | null;

export function createDispatcher(options: MethodServerOptions & { readonly limits: ServerLimits }): Dispatch {
  const { limits } = options;
  const server = createMethodServer(options);

  const answerOne = async (value: unknown, exchange: Exchange): Promise<JSONRPCResponse | null> =>
    isRequest(value) ? server.receive(value, exchange) : invalidRequestAnswer(value);

  const answer = async (value: unknown, exchange: Exchange): Promise<Answer> => {
    if (!Array.isArray(value)) return answerOne(value, exchange);
    if (value.length === 0) return invalidRequestAnswer(value);
    if (value.length > limits.batchLength) return errorAnswer(null, batchTooLong(limits.batchLength));
    const answers = await Promise.all(value.map((one: unknown) => answerOne(one, exchange)));
    const given = answers.filter((one) => one !== null);
    return given.length === 0 ? null : given;
  };

  return async (bytes, exchange) => {
    const parsed = parseLine(bytes);
    const given = parsed === undefined ? parseErrorAnswer() : await answer(parsed.value, exchange);
    if (given === null) return undefined;
    const line = toLine(given);
    if (Buffer.byteLength(line) <= limits.lineBytes + 1) return line;
    return toLine(errorAnswer(Array.isArray(given) ? null : given.id, answerTooLong(limits.lineBytes)));
  };
}

/** The answer to a line that was cut off. */
export const lineTooLongAnswer = (maxBytes: number): string =>
  toLine(
    errorAnswer(
      null,
      new DaemonError('busy', `a line has at most ${maxBytes} bytes; this one was skipped`, {
        repair: 'send the request in smaller parts',
        retryAfterSec: RETRY_AFTER_SEC,
      }),
    ),
  );

/** The last words to a client whose line did not end. */
export const lineTooSlowAnswer = (maxMs: number): string =>
  toLine(
    errorAnswer(
      null,
      new DaemonError('malformed', `a line was not ended by a newline within ${maxMs} ms`, {
        repair: 'send each request as one whole line',
      }),
    ),
  );

const batchTooLong = (maxLength: number): DaemonError =>
  new DaemonError('busy', `a batch has at most ${maxLength} requests; none of these was done`, {
    repair: 'send the batch in smaller parts',
    retryAfterSec: RETRY_AFTER_SEC,
  });

const answerTooLong = (maxBytes: number): DaemonError =>
  new DaemonError('unsupported', `the answer is longer than a line may be (${maxBytes} bytes)`, {
    repair: 'ask for less at a time',
  });
