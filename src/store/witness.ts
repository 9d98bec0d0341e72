import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { ignoreMissing, writePrivateFile } from '../private-file.ts';
import { damaged, sealedWithAnotherKey } from './failures.ts';
import type { Manifest } from './manifest.ts';

/** What a witness remembers of a commit. */
type Testimony = Pick<Manifest, 'sequence' | 'digest'>;

/**
 * A small file beside the database that remembers the last commit, so that a log which lost its end is not
 * taken for the whole. Two slots are written in turn: a torn write leaves the other one.
 */
export interface Witness {
  /** False before the first commit of a store. */
  readonly exists: boolean;
  /** Errors: `store_damaged` when the database is not what it was at its last commit. */
  compare(manifest: Manifest): void;
  /** Remembers this commit, durably. */
  record(manifest: Manifest): Promise<void>;
  close(): Promise<void>;
}

/** A slot is magic, key id, sequence, digest, and the SHA-256 of all that. */
const MAGIC = Buffer.from('dialogd1');
const KEY_ID_AT = 8;
const SEQUENCE_AT = 24;
const DIGEST_AT = 32;
const CHECKSUM_AT = 64;
const SLOT_LENGTH = 96;
/** In different blocks, so that one failing block cannot take both. */
const SLOT_DISTANCE = 4096;
/**
 * The witness is written after the batch, so a kill between the two leaves it one commit behind, and two when
 * that commit's slot is unreadable as well.
 */
const MAX_BEHIND = 2;

/** Errors: `seal_wrong_key`, `store_damaged` when neither slot is readable. */
export async function openWitness(file: string, keyId: string): Promise<Witness> {
  const latest = await readLatest(file, keyId);
  let handle = latest === undefined ? undefined : await open(file, 'r+');
  return {
    exists: latest !== undefined,
    compare: (manifest) => {
      if (latest !== undefined) compare(latest, manifest);
    },
    record: async (manifest) => {
      const slot = encodeSlot(manifest, keyId);
      const at = slotPosition(manifest.sequence);
      if (handle === undefined) {
        await writePrivateFile(file, Buffer.concat([new Uint8Array(at), slot]));
        handle = await open(file, 'r+');
      } else {
        await handle.write(slot, 0, slot.length, at);
        await handle.datasync();
      }
    },
    close: async () => handle?.close(),
  };
}

const slotPosition = (sequence: number): number => (sequence % 2) * SLOT_DISTANCE;

/** Undefined without a file. */
async function readLatest(file: string, keyId: string): Promise<Testimony | undefined> {
  const bytes = await readFile(file).catch(ignoreMissing);
  if (bytes === undefined) return undefined;
  const slots = [0, 1].map((sequence) => decodeSlot(bytes.subarray(slotPosition(sequence))));
  const readable = slots.filter((slot) => slot !== undefined);
  if (readable.some((slot) => slot.keyId !== keyId)) throw sealedWithAnotherKey();
  const [latest] = readable.sort((a, b) => b.sequence - a.sequence);
  if (latest === undefined) throw damaged('its witness file is unreadable');
  return latest;
}

/** Undefined when it is not as it was written. */
function decodeSlot(slot: Buffer): (Testimony & { keyId: string }) | undefined {
  if (slot.length < SLOT_LENGTH) return undefined;
  if (!checksum(slot).equals(slot.subarray(CHECKSUM_AT, SLOT_LENGTH))) return undefined;
  return {
    keyId: slot.toString('hex', KEY_ID_AT, SEQUENCE_AT),
    sequence: Number(slot.readBigUInt64BE(SEQUENCE_AT)),
    digest: slot.subarray(DIGEST_AT, CHECKSUM_AT),
  };
}

function encodeSlot({ sequence, digest }: Testimony, keyId: string): Buffer {
  const slot = Buffer.alloc(SLOT_LENGTH);
  MAGIC.copy(slot);
  slot.write(keyId, KEY_ID_AT, 'hex');
  slot.writeBigUInt64BE(BigInt(sequence), SEQUENCE_AT);
  slot.set(digest, DIGEST_AT);
  checksum(slot).copy(slot, CHECKSUM_AT);
  return slot;
}

const checksum = (slot: Buffer): Buffer =>
  createHash('sha256').update(slot.subarray(0, CHECKSUM_AT)).digest();

function compare(latest: Testimony, manifest: Manifest): void {
  const behind = manifest.sequence - latest.sequence;
  if (behind < 0) throw damaged(`it ends with commit ${manifest.sequence} of ${latest.sequence}`);
  if (behind > MAX_BEHIND) throw damaged('its witness file is older than the rest');
  if (behind === 0 && Buffer.compare(latest.digest, manifest.digest) !== 0) {
    throw damaged('it does not hold what it held after its last commit');
  }
}
