import { JSONRPCServer } from 'json-rpc-2.0';
import type { z } from 'zod';
import { DaemonError } from '../errors.ts';
import { errorAnswer } from './envelope.ts';
import type { CallContext, Handlers, OwnMethodName } from './handlers.ts';
import { type OwnMethodsOptions, ownMethods } from './own-methods.ts';
import { type MethodName, methodNames, methods } from './protocol/methods.ts';
import { envelopeErrors } from './protocol/wire-errors.ts';
import type { Exchange, Session } from './session.ts';

export interface MethodServerOptions extends OwnMethodsOptions {
  readonly handlers: Handlers;
}

/** Every method behind its guards: a place in flight, the socket's access, parsed parameters. */
export function createMethodServer(options: MethodServerOptions): JSONRPCServer<Exchange> {
  const { handlers, log } = options;
  const own = ownMethods(options);
  const isOwn = (name: MethodName): name is OwnMethodName => Object.hasOwn(own, name);
  // The library would write every error to the console; those worth a line are logged below.
  const server = new JSONRPCServer<Exchange>({ errorListener: () => {} });

  const run = (name: MethodName, params: object, exchange: Exchange): Promise<unknown> => {
    // The table pairs every name with its parameters; TypeScript cannot follow that through a union of names.
    if (isOwn(name)) return own[name](params as never, exchange);
    return handlers[name](params as never, contextOf(params, exchange.session));
  };

  for (const name of methodNames) {
    server.addMethod(name, async (raw: unknown, exchange: Exchange) => {
      if (methods[name].access === 'full' && exchange.session.access === 'read') throw readOnly(name);
      const params = parseParams(methods[name].params, raw);
      try {
        return await run(name, params, exchange);
      } catch (error) {
        if (!(error instanceof DaemonError)) log.error('call_failed', { method: name, error });
        throw error;
      }
    });
  }
  server.applyMiddleware(async (next, request, exchange) => {
    const release = exchange.session.admit();
    try {
      return await next(request, exchange);
    } finally {
      release();
    }
  });
  server.mapErrorToJSONRPCErrorResponse = errorAnswer;
  server.handleMethodNotFound = async ({ id, method }) =>
    id === undefined ? null : errorAnswer(id, unknownMethod(method), envelopeErrors.methodNotFound.number);
  return server;
}

/** Error: `invalid_argument`, naming every problem at once. */
function parseParams(schema: z.ZodObject, raw: unknown): object {
  const parsed = schema.safeParse(raw ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new DaemonError('invalid_argument', problems.join('; ').slice(0, 1_000), {
    repair: 'give parameters by name; rpc.discover describes them',
  });
}

function contextOf(params: object, session: Session): CallContext {
  const token = 'progressToken' in params ? (params.progressToken as string | number | undefined) : undefined;
  return {
    access: session.access,
    signal: session.signal,
    progress(update) {
      // Only the latest progress is worth reading: what a slow client would have to queue is left out.
      if (token !== undefined && session.keepsUp()) session.notify('progress', { token, ...update });
    },
  };
}

const readOnly = (name: string): DaemonError =>
  new DaemonError('read_only', `${name} changes something, and this socket only answers questions`, {
    repair: 'use the full socket, dialogd.sock',
  });

const unknownMethod = (name: string): DaemonError =>
  new DaemonError(
    envelopeErrors.methodNotFound.code,
    `there is no method ${JSON.stringify(name.slice(0, 60))}`,
    { repair: 'rpc.discover lists the methods' },
  );
