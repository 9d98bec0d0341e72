/** The reference part of docs/rpc, as the schemas have it: what the documents must say, word for word. */
import { z } from 'zod';
import type { ErrorCode } from '../../../src/errors.ts';
import type { MethodDefinition } from '../../../src/ipc/protocol/method.ts';
import { type MethodName, methods } from '../../../src/ipc/protocol/methods.ts';
import { type NotificationName, notifications } from '../../../src/ipc/protocol/notifications.ts';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): Schema =>
  z.toJSONSchema(schema, { target: 'draft-7', io }) as Schema;

export function methodReference(name: MethodName): string {
  const { access, summary, params, result, errors, notifications: told }: MethodDefinition = methods[name];
  return [
    `## ${name}`,
    summary,
    access === 'full' ? 'On the full socket only.' : 'On both sockets.',
    fields('Parameters', jsonSchema(params, 'input')),
    fields('Result', jsonSchema(result, 'output')),
    ...(told === undefined
      ? []
      : [`Notifications: ${told.map((one) => `[${one}](README.md#${one})`).join(', ')}`]),
    `Errors: ${errorList(access === 'full' ? [...errors, 'read_only'] : errors)}`,
  ].join('\n\n');
}

const errorList = (errors: readonly ErrorCode[]): string =>
  [...errors.map((code) => `\`${code}\``), '[those of every call](README.md#errors)'].join(', ');

export const notificationReference = (name: NotificationName): string =>
  [`### ${name}`, fields('Parameters', jsonSchema(notifications[name], 'output'))].join('\n\n');

function fields(title: string, schema: Schema): string {
  const rows = rowsOf(schema, '');
  if (rows.length === 0) return `${title}: none.`;
  return [`${title}:`, '', '| name | type | meaning |', '|---|---|---|', ...rows].join('\n');
}

function rowsOf(schema: Schema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const inner = withoutNull(property);
    const optional = schema.required?.includes(name) ? '' : ', optional';
    const preset = property.default === undefined ? '' : `, default \`${JSON.stringify(property.default)}\``;
    const meaning = inner.description ?? property.description ?? '';
    return [
      `| \`${prefix}${name}\` | ${typeOf(property)}${preset === '' ? optional : preset} | ${meaning} |`,
      ...rowsOf(inner, `${prefix}${name}.`),
      ...rowsOf(inner.items ?? {}, `${prefix}${name}[].`),
    ];
  });
}

const withoutNull = (schema: Schema): Schema =>
  schema.anyOf?.length === 2 && schema.anyOf[1]?.type === 'null' ? (schema.anyOf[0] as Schema) : schema;

function typeOf(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(' or ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`;
  return schema.type ?? 'any';
}
