import { DaemonError } from '../errors.ts';
import { migrated, type RecordOf, type TableName, tables } from '../tables.ts';

/** Marks bytes within JSON: `{"$bytes": base64}`. */
const BYTES = '$bytes';

/** Bytes whose first is the version of what follows. */
export const versioned = (version: number, bytes: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.of(version), bytes]);

/** The opposite. Errors: `unsupported` for what a newer version has written. */
export function unversioned(bytes: Uint8Array, newest: number): { version: number; bytes: Uint8Array } {
  const version = bytes[0] ?? 0;
  if (version > newest || version === 0) throw newerVersion(version, newest);
  return { version, bytes: bytes.subarray(1) };
}

/** A record of a table as bytes. */
export function encodeRecord<T extends TableName>(table: T, record: RecordOf<T>): Uint8Array {
  const { version, codec } = tables[table];
  const plain = codec === undefined ? Buffer.from(recordToJson(record)) : codec.encode(record);
  const bytes = versioned(version, plain);
  plain.fill(0);
  return bytes;
}

/** The opposite. Errors: `unsupported` for a record that a newer version has written. */
export function decodeRecord<T extends TableName>(table: T, record: Uint8Array): RecordOf<T> {
  const { version: newest, codec } = tables[table];
  const { version, bytes } = unversioned(record, newest);
  if (version === newest && codec !== undefined) return codec.decode(bytes);
  return migrated(table, recordFromJson(textOf(bytes)), version);
}

export const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();

/** JSON in which Uint8Array survives. */
export function recordToJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, name) {
    // `this[name]` and not the second argument: that has been through toJSON, which Buffer defines.
    const field = this[name];
    if (field instanceof Uint8Array) return { [BYTES]: Buffer.from(field).toString('base64') };
    if (isObject(field) && BYTES in field) throw new TypeError(`a record must have no field ${BYTES}`);
    return field;
  });
}

export function recordFromJson<T>(json: string): T {
  return JSON.parse(json, (_, field: unknown) =>
    isObject(field) && typeof field[BYTES] === 'string'
      ? new Uint8Array(Buffer.from(field[BYTES], 'base64'))
      : field,
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array);

const newerVersion = (version: number, newest: number): DaemonError =>
  new DaemonError(
    'unsupported',
    `the store holds a record of version ${version}, this dialogd reads up to version ${newest}`,
    { repair: 'start the newer dialogd that wrote them' },
  );
