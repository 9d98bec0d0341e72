import type { Sealer } from '../ports.ts';
import { secretTables, type TableName } from '../tables.ts';
import { damaged, sealedWithAnotherKey } from './failures.ts';
import { manifestKey, tableOf } from './keys.ts';
import { recordFromJson, recordToJson, textOf, unversioned, versioned } from './record-codec.ts';
import { type Change, emptyTally, retally, type Tally } from './tally.ts';

/**
 * What the store must hold, written in the same batch as every change of it. LevelDB opens a log with a
 * flipped bit as if the records after it had never been written; this tells.
 */
export interface Manifest extends Tally {
  /** Commits since the store was created, the one that wrote this included. */
  readonly sequence: number;
  /** Erased private keys may still be in the files: set by the erasing commit, cleared by compaction. */
  readonly erasurePending: boolean;
}

/** Of a store that is being created. */
export const firstManifest: Manifest = { ...emptyTally, sequence: 1, erasurePending: false };

const VERSION = 1;

/** True when these changes leave something secret behind in the files. */
export const erases = (changes: readonly Change[]): boolean =>
  changes.some(({ key, before }) => before !== undefined && secretTables.includes(tableOf(key) as TableName));

/** The manifest of the commit that makes these changes. */
export function nextManifest(manifest: Manifest, changes: readonly Change[]): Manifest {
  return {
    ...retally(manifest, changes),
    sequence: manifest.sequence + 1,
    erasurePending: manifest.erasurePending || erases(changes),
  };
}

/** The manifest as an entry of the database: the id of the key in the clear, then the sealed rest. */
export function encodeManifest(manifest: Manifest, sealer: Sealer): Uint8Array {
  const keyId = Buffer.from(sealer.keyId, 'hex');
  return Buffer.concat([
    keyId,
    sealer.seal(versioned(VERSION, Buffer.from(recordToJson(manifest))), manifestKey),
  ]);
}

/** Errors: `seal_wrong_key`, `store_damaged`, `unsupported`. */
export function decodeManifest(bytes: Uint8Array, sealer: Sealer): Manifest {
  const keyIdLength = sealer.keyId.length / 2;
  if (Buffer.from(bytes.subarray(0, keyIdLength)).toString('hex') !== sealer.keyId) {
    throw sealedWithAnotherKey();
  }
  const record = sealer.open(bytes.subarray(keyIdLength), manifestKey);
  if (record === undefined) throw damaged('its manifest is unreadable');
  return recordFromJson(textOf(unversioned(record, VERSION).bytes));
}
