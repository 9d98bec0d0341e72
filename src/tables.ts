/**
 * Every table of the store, each in one row. What is kept, backed up, restored and erased follows from it: a new table is
 * a row here and its types in `Tables`.
 */

import type { KeyPackageRef } from './ids.ts';
import type { Tables } from './ports.ts';
import type { PendingWrap, PrivateKeyPackage } from './records.ts';

export type TableName = keyof Tables;
export type KeyOf<T extends TableName> = Tables[T][0];
export type RecordOf<T extends TableName> = Tables[T][1];

interface TableRow<T extends TableName> {
  key(record: RecordOf<T>): KeyOf<T>;
  /** Of what is written today; a record of a newer one is refused. */
  readonly version: number;
  /** A record of an older version, as today's. */
  migrate?(record: never, version: number): RecordOf<T>;
  /** JSON where there is none. */
  readonly codec?: { encode(record: RecordOf<T>): Uint8Array; decode(bytes: Uint8Array): RecordOf<T> };
  /** What is deleted from it is made unrecoverable from the files, and no copy stays in memory. */
  readonly secret?: true;
}

export const tables: { readonly [T in TableName]: TableRow<T> } = {
  slots: { version: 1, key: ({ slot }) => slot },
  keyPackages: { version: 1, key: ({ ref }) => ref },
  tombstones: { version: 1, key: ({ ref }) => ref },
  privateKeyPackages: {
    version: 2,
    key: ({ ref }) => ref,
    // Version 1 was JSON with base64 in it: strings, which nobody can zero.
    migrate: (record) => record,
    codec: { encode: encodePrivatePackage, decode: decodePrivatePackage },
    secret: true,
  },
  outbox: { version: 1, key: ({ event }) => event.id },
  relayLists: { version: 1, key: ({ kind }) => String(kind) },
  wraps: {
    version: 2,
    key: ({ id }) => id,
    // Version 1 had a state, and none but `received` was ever written.
    migrate({ id, receivedAt, relay, event }: Extract<PendingWrap, { seal?: never }>) {
      return { id, receivedAt, relay, event, bytes: JSON.stringify(event).length };
    },
  },
  seen: { version: 1, key: ({ id }) => id },
  invitations: { version: 1, key: ({ id }) => id },
  senders: { version: 1, key: ({ sender }) => sender },
  cursors: { version: 1, key: ({ relay }) => relay },
  notices: { version: 1, key: ({ seq }) => seq },
  /** The last: what a restore has not come to the end of has none. */
  meta: { version: 1, key: () => 'meta' },
};

export const tableNames = Object.keys(tables) as readonly TableName[];
export const secretTables = tableNames.filter((name) => tables[name].secret === true);

/** A record as it is today, of a record that was written at `version`. */
export function migrated<T extends TableName>(table: T, record: unknown, version: number): RecordOf<T> {
  const { migrate } = tables[table];
  return version < tables[table].version && migrate !== undefined
    ? migrate(record as never, version)
    : (record as RecordOf<T>);
}

/** Each part with its length before it, 4 bytes big-endian: the reference, the message, the private keys. */
function encodePrivatePackage({ ref, message, privateBytes }: PrivateKeyPackage): Uint8Array {
  const parts = [Buffer.from(ref), message, privateBytes];
  const bytes = Buffer.alloc(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  let at = 0;
  for (const part of parts) {
    at = bytes.writeUInt32BE(part.length, at);
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function decodePrivatePackage(bytes: Uint8Array): PrivateKeyPackage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const part = (): Uint8Array => {
    const length = view.getUint32(at);
    at += 4 + length;
    // A copy: `slice` of a Buffer is none.
    return Uint8Array.from(bytes.subarray(at - length, at));
  };
  const ref = Buffer.from(part()).toString() as KeyPackageRef;
  return { ref, message: part(), privateBytes: part() };
}
