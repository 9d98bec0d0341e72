import { z } from 'zod';
import { DaemonError } from '../errors.ts';
import type { ExportedAccount } from '../identity/account.ts';
import type { PublicKey, UnixSeconds } from '../ids.ts';
import { lineCutter } from '../ipc/framing.ts';
import type { View } from '../ports.ts';
import { recordFromJson, recordToJson } from '../store/record-codec.ts';
import { migrated, type TableName, tableNames, tables } from '../tables.ts';
import { VERSION } from '../version.ts';
import { recordsOf } from './every-record.ts';

/**
 * The plaintext of a backup: JSON lines. The first has the account with its key, the configuration and how many
 * records follow; every other line is one record of the store with the name of its table.
 */
const FORMAT = 'dialogd backup';
/** Version 1 held the records as version 0.1.0 of dialogd wrote them; since then each line names that of its record. */
const FORMAT_VERSION = 2;
/** A relay says no more than 4 MiB at once, and nothing in the store is larger than what a relay said. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const header = z.object({
  format: z.literal(FORMAT),
  version: z.int().min(1),
  dialogd: z.string(),
  backupAt: z.int().transform((at) => at as UnixSeconds),
  account: z.object({
    publicKey: z.string().transform((key) => key as PublicKey),
    /** 32 bytes in hex. */
    secretKey: z.string().regex(/^[0-9a-f]{64}$/),
    createdAt: z.int().transform((at) => at as UnixSeconds),
  }),
  /** Text of the configuration file; null: there was none. */
  config: z.string().nullable(),
  counts: z.record(z.string(), z.int()),
});
export type BackupHeader = z.output<typeof header>;

/** A record and where it belongs; the two fit together, which the type does not say. */
export interface BackupRecord {
  readonly table: TableName;
  readonly key: never;
  readonly record: never;
}

export type BackupLine =
  | { readonly kind: 'header'; readonly header: BackupHeader }
  | ({ readonly kind: 'record' } & BackupRecord);

export async function headerOf(
  view: View,
  { account, secretKey, createdAt }: ExportedAccount,
  config: string | null,
  backupAt: UnixSeconds,
): Promise<BackupHeader> {
  const counts = await Promise.all(tableNames.map(async (name) => [name, await view[name].count()] as const));
  return {
    format: FORMAT,
    version: FORMAT_VERSION,
    dialogd: VERSION,
    backupAt,
    account: { publicKey: account, secretKey: Buffer.from(secretKey).toString('hex'), createdAt },
    config,
    counts: Object.fromEntries(counts),
  };
}

/** Everything in the view, a few records at a time. */
export async function* documentOf(view: View, head: BackupHeader): AsyncIterable<Uint8Array> {
  yield Buffer.from(`${JSON.stringify(head)}\n`);
  for (const table of tableNames) {
    for await (const record of recordsOf(view, table)) {
      yield Buffer.from(`${recordToJson({ table, version: tables[table].version, record })}\n`);
    }
  }
}

/** What the document says, line by line. Errors: `backup_damaged`, `unsupported`, and those of `plaintext`. */
export async function* readDocument(plaintext: AsyncIterable<Uint8Array>): AsyncIterable<BackupLine> {
  const lines = lineCutter(MAX_LINE_BYTES);
  const left = new Map<string, number>();
  let begun = false;
  for await (const chunk of plaintext) {
    for (const frame of lines.cut(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))) {
      if (frame.kind === 'too_long') throw malformed('a line of it is too long');
      const line = begun ? recordLine(frame.bytes.toString()) : headerLine(frame.bytes.toString());
      begun = true;
      if (line.kind === 'header')
        for (const [name, count] of Object.entries(line.header.counts)) left.set(name, count);
      else left.set(line.table, (left.get(line.table) ?? 0) - 1);
      yield line;
    }
  }
  if (!begun || [...left.values()].some((count) => count !== 0)) throw malformed('records are missing');
}

function headerLine(text: string): BackupLine {
  const { success, data } = header.safeParse(parsed(text));
  if (!success) throw malformed('it does not begin as one');
  if (data.version > FORMAT_VERSION) throw newer(`format ${data.version}`, data.dialogd);
  return { kind: 'header', header: data };
}

function recordLine(text: string): BackupLine {
  const {
    table,
    version = 1,
    ...line
  } = parsed(text) as {
    table: TableName;
    version?: number;
    record: unknown;
  };
  if (!Object.hasOwn(tables, table)) throw newer(`a table ${table}`, 'a newer version');
  if (version > tables[table].version) throw newer(`records of version ${version}`, 'a newer version');
  const record = migrated(table, line.record, version) as never;
  return { kind: 'record', table, key: tables[table].key(record) as never, record };
}

function parsed(text: string): unknown {
  try {
    return recordFromJson(text);
  } catch {
    throw malformed('a line of it is unreadable');
  }
}

const malformed = (reason: string): DaemonError =>
  new DaemonError('backup_damaged', `this is no whole backup of dialogd: ${reason}`, {
    repair: 'name another file',
  });

const newer = (what: string, version: string): DaemonError =>
  new DaemonError('unsupported', `this backup has ${what}, which this dialogd ${VERSION} does not know`, {
    repair: `restore it with the dialogd that made it (${version})`,
  });
