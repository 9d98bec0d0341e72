/**
 * JSON-RPC 2.0 envelopes. The json-rpc-2.0 library accepts `params: 7`, ids of any type and a method that is
 * no string, and throws on a `null` request: nothing reaches it that has not passed here.
 */
import {
  createJSONRPCErrorResponse,
  type JSONRPCErrorResponse,
  type JSONRPCID,
  type JSONRPCRequest,
} from 'json-rpc-2.0';
import { z } from 'zod';
import { DaemonError } from '../errors.ts';
import { envelopeErrors, toWireError } from './protocol/wire-errors.ts';

const id = z.union([z.string(), z.number(), z.null()]);

/** JSON-RPC 2.0 section 4; `result` and `error` are the marks of an answer, and nobody asked the client. */
const request = z.object({
  jsonrpc: z.literal('2.0'),
  method: z.string(),
  params: z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]).optional(),
  id: id.optional(),
  result: z.undefined().optional(),
  error: z.undefined().optional(),
});

export const isRequest = (value: unknown): value is JSONRPCRequest => request.safeParse(value).success;

const idOf = (value: unknown): JSONRPCID => z.object({ id }).safeParse(value).data?.id ?? null;

/** The answer to something that failed; `number` is given where the envelope itself is at fault. */
export function errorAnswer(toId: JSONRPCID, error: unknown, number?: number): JSONRPCErrorResponse {
  const { code, message, data } = toWireError(error, number);
  return createJSONRPCErrorResponse(toId, code, message, data);
}

export const parseErrorAnswer = (): JSONRPCErrorResponse =>
  errorAnswer(
    null,
    new DaemonError(envelopeErrors.parseError.code, 'this line is not JSON in UTF-8'),
    envelopeErrors.parseError.number,
  );

export const invalidRequestAnswer = (value: unknown): JSONRPCErrorResponse =>
  errorAnswer(
    idOf(value),
    new DaemonError(envelopeErrors.invalidRequest.code, 'this is not a JSON-RPC 2.0 request'),
    envelopeErrors.invalidRequest.number,
  );
