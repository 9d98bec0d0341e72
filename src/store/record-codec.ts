import { DaemonError } from '../errors.ts';

/** Version of the encoding; the first byte of every record. */
const FORMAT = 1;
/** Marks bytes within JSON: `{"$bytes": base64}`. */
const BYTES = '$bytes';

/** A record as bytes: the version, then its JSON. */
export const encodeRecord = (value: unknown): Uint8Array =>
  Buffer.concat([Uint8Array.of(FORMAT), Buffer.from(recordToJson(value))]);

/** The opposite. Errors: `unsupported` for a record that a newer version has written. */
export function decodeRecord<T>(bytes: Uint8Array): T {
  const format = bytes[0] ?? 0;
  if (format !== FORMAT) throw newerFormat(format);
  return recordFromJson(Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.length - 1).toString());
}

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

const newerFormat = (format: number): DaemonError =>
  new DaemonError(
    'unsupported',
    `the store holds records of format ${format}, this version of dialogd reads format ${FORMAT}`,
    { repair: 'start the newer dialogd that wrote them' },
  );
