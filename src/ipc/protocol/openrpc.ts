/** The protocol as an OpenRPC document (spec.open-rpc.org, version 1.3), from the schemas alone. */
import { z } from 'zod';
import type { ErrorCode } from '../../errors.ts';
import type { MethodDefinition } from './method.ts';
import { type MethodName, methodNames, methods, type Result } from './methods.ts';
import { notifications } from './notifications.ts';
import { commonErrors, errorNumbers, wireErrorData } from './wire-errors.ts';

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/** OpenRPC schemas are JSON Schema draft 7; the dialect is told once, by the document. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io });
  return rest as JsonSchema;
}

/** Everything a call of this method may end in. */
const errorsOf = ({ access, errors }: MethodDefinition): readonly ErrorCode[] => [
  ...errors,
  ...(access === 'full' ? (['read_only'] as const) : []),
  ...commonErrors.filter((code) => !errors.includes(code)),
];

function describeMethod(name: MethodName): { readonly name: string } & Record<string, unknown> {
  const definition: MethodDefinition = methods[name];
  const params = jsonSchema(definition.params, 'input');
  return {
    name,
    summary: definition.summary,
    paramStructure: 'by-name',
    params: Object.entries(params.properties ?? {}).map(([param, schema]) => ({
      name: param,
      required: params.required?.includes(param) ?? false,
      schema,
    })),
    result: { name: 'result', schema: jsonSchema(definition.result, 'output') },
    errors: errorsOf(definition).map((code) => ({ code: errorNumbers[code], message: code })),
    'x-access': definition.access,
    'x-notifications': definition.notifications ?? [],
  };
}

/** `version` is the daemon's. */
export function openRpcDocument(version: string): Result<'rpc.discover'> {
  return {
    openrpc: '1.3.2',
    info: { title: 'dialogd', version, description: 'JSON-RPC 2.0 over Unix sockets, one object a line.' },
    methods: methodNames.map(describeMethod),
    components: { schemas: { ErrorData: jsonSchema(wireErrorData, 'input') } },
    'x-notifications': Object.entries(notifications).map(([name, schema]) => ({
      name,
      schema: jsonSchema(schema, 'output'),
    })),
  };
}
