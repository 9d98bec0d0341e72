/**
 * The MLS presentation language (RFC 9420 section 2.1): big-endian integers, and vectors whose length is a
 * QUIC variable-length integer in its shortest form. Hex is @noble/hashes' `bytesToHex` and `hexToBytes`.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { DaemonError } from '../errors.ts';

/** Longest length that RFC 9420 section 2.1.2 can write (the 8-byte form is not allowed). */
const MAX_VECTOR_LENGTH = 0x3fffffff;

/** Bytes or text from outside that are not what they should be. */
export const malformed = (message: string): DaemonError => new DaemonError('malformed', message);

/** What `read` makes of its input, undefined when that is malformed. */
export function ifWellFormed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DaemonError && error.code === 'malformed') return undefined;
    throw error;
  }
}

/** True for exactly `length` bytes as lowercase hex. */
export const isHex = (text: string, length: number): boolean =>
  text.length === 2 * length && /^[0-9a-f]*$/.test(text);

/** Padded standard base64 (RFC 4648 section 4). */
export function base64Encode(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** The bytes of the one canonical spelling: no white space, no missing padding, no stray bits. Errors: `malformed`. */
export function base64Decode(text: string): Uint8Array {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw malformed('not base64');
  }
  if (btoa(binary) !== text) throw malformed('not the canonical padded base64');
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

const integer = (length: number, write: (view: DataView) => void): Uint8Array => {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
};

export const uint16 = (value: number): Uint8Array => integer(2, (view) => view.setUint16(0, value));
export const uint32 = (value: number): Uint8Array => integer(4, (view) => view.setUint32(0, value));
export const uint64 = (value: bigint | number): Uint8Array =>
  integer(8, (view) => view.setBigUint64(0, BigInt(value)));

/** `opaque data<V>`: the length in the shortest form that holds it, then the parts in a row. */
export function vector(...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > MAX_VECTOR_LENGTH) throw new RangeError(`a vector of ${length} bytes cannot be written`);
  return concatBytes(vectorLength(length), ...parts);
}

function vectorLength(length: number): Uint8Array {
  if (length < 0x40) return Uint8Array.of(length);
  if (length < 0x4000) return uint16(0x4000 | length);
  return uint32((0x80000000 | length) >>> 0);
}

/** A place in some bytes. Every method moves past what it returns and throws `malformed` at a premature end. */
export interface ByteReader {
  uint8(): number;
  uint16(): number;
  uint32(): number;
  uint64(): bigint;
  /** The next `length` bytes, copied. */
  bytes(length: number): Uint8Array;
  /** `opaque<V>`, copied. */
  vector(): Uint8Array;
  /** `T items<V>`: a vector that ends exactly behind an item. */
  list<T>(readItem: (reader: ByteReader) => T): T[];
}

/** What `read` makes of `bytes`, all of them. Errors: `malformed`, also for bytes left over. */
export function decodeExactly<T>(bytes: Uint8Array, read: (reader: ByteReader) => T): T {
  // A Buffer's own `slice` would not copy.
  const cursor = new Cursor(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const value = read(cursor);
  if (cursor.left > 0) throw malformed(`${cursor.left} bytes left over`);
  return value;
}

/** A class, because a state of 1,000 members is made of thousands of lists, and each would make its closures anew. */
class Cursor implements ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#position;
  }

  #skip(length: number): number {
    if (length > this.left) throw malformed(`${length} bytes announced, ${this.left} there`);
    this.#position += length;
    return this.#position - length;
  }

  #part(length: number): Uint8Array {
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  uint8(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#skip(2));
  }

  uint32(): number {
    return this.#view.getUint32(this.#skip(4));
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#skip(8));
  }

  bytes(length: number): Uint8Array {
    return this.#part(length).slice();
  }

  vector(): Uint8Array {
    return this.bytes(readVectorLength(this));
  }

  list<T>(readItem: (reader: ByteReader) => T): T[] {
    const items = new Cursor(this.#part(readVectorLength(this)));
    const result: T[] = [];
    while (items.left > 0) result.push(readItem(items));
    return result;
  }
}

/** RFC 9420 section 2.1.2: two bits say how many bytes the length has; longer than needed is an error. */
function readVectorLength(reader: ByteReader): number {
  const first = reader.uint8();
  const rest = first & 0x3f;
  switch (first >> 6) {
    case 0:
      return rest;
    case 1:
      return shortest((rest << 8) | reader.uint8(), 0x40);
    case 2:
      return shortest((rest << 24) | (reader.uint8() << 16) | reader.uint16(), 0x4000);
    default:
      throw malformed('a vector length with the reserved prefix 11');
  }
}

function shortest(length: number, least: number): number {
  if (length < least) throw malformed('a vector length that is not in its shortest form');
  return length;
}
