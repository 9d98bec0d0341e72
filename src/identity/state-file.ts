import { createHash } from 'node:crypto';
import { DaemonError, RESTORE_BACKUP } from '../errors.ts';
import { readPrivateFile, writePrivateFile } from '../private-file.ts';

const FORMAT = 1;
const MAX_BYTES = 16 * 1024;

interface Envelope {
  readonly format: number;
  /** SHA-256 of the content as JSON, in hex: a flipped bit is told from a wrong key. */
  readonly checksum: string;
  readonly content: unknown;
}

/** Writes a small JSON file of the state directory, whole or not at all. */
export async function writeStateFile(path: string, content: object): Promise<void> {
  const envelope: Envelope = { format: FORMAT, checksum: checksum(content), content };
  await writePrivateFile(path, `${JSON.stringify(envelope, undefined, 2)}\n`);
}

/** What was written; undefined without the file. Errors: `store_damaged`, `unsupported`, `path_unsafe`. */
export async function readStateFile<T extends object>(path: string): Promise<T | undefined> {
  const bytes = await readPrivateFile(path, MAX_BYTES);
  if (bytes === undefined) return undefined;
  const { format, checksum: expected, content } = parseEnvelope(bytes.toString()) ?? {};
  if (typeof format === 'number' && format > FORMAT) {
    throw new DaemonError('unsupported', `${path} has format ${format}, this dialogd reads ${FORMAT}`, {
      repair: 'start the newer dialogd that wrote it',
    });
  }
  if (format !== FORMAT || checksum(content) !== expected) {
    throw new DaemonError('store_damaged', `${path} is damaged`, {
      repair: RESTORE_BACKUP,
    });
  }
  return content as T;
}

function parseEnvelope(text: string): Partial<Envelope> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const checksum = (content: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(content) ?? '')
    .digest('hex');
