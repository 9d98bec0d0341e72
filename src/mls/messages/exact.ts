/** Exact decoding: ts-mls' decoders stop where a structure ends and accept what its encoders never write. */
import type { Decoder, Encoder } from 'ts-mls';
import { malformed } from '../../protocol/bytes.ts';

export interface ExactCodec<T> {
  /** What a reader of the error calls it: "the GroupInfo of a Welcome". */
  readonly name: string;
  readonly decode: Decoder<T>;
  readonly encode: Encoder<T>;
  /** Longer input is refused unread: the time and stack the library needs grow with the input. */
  readonly limitBytes: number;
}

/** The same memory as a plain Uint8Array: `slice` of a Buffer does not copy, and decoders count on it. */
export const plainView = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * The one structure that `bytes` are: nothing behind it, and encoding it gives the same bytes again (RFC 9420
 * section 2.1.2 wants the shortest lengths, and a signature is checked over the re-encoded structure).
 * Byte strings in it are plain and share no memory with `bytes`. Throws DaemonError `malformed`, for any input.
 */
export function decodeExact<T>(codec: ExactCodec<T>, bytes: Uint8Array): T {
  if (bytes.length > codec.limitBytes) {
    throw malformed(`not ${codec.name}: ${bytes.length} bytes, at most ${codec.limitBytes} are read`);
  }
  // A plain copy: the library's decoders return views of their input.
  const { value, encoded } = decodeAndEncode(codec, Uint8Array.from(bytes));
  if (Buffer.compare(encoded, bytes) === 0) return value;
  const trailing = bytes.length - encoded.length;
  const isPrefix = trailing > 0 && Buffer.compare(encoded, bytes.subarray(0, encoded.length)) === 0;
  throw malformed(
    `not ${codec.name}: ${isPrefix ? `${trailing} bytes follow it` : 'not in its canonical form'}`,
  );
}

/** The library reports bad input as undefined, as its own errors, and as whatever its code runs into. */
function decodeAndEncode<T>(codec: ExactCodec<T>, bytes: Uint8Array): { value: T; encoded: Uint8Array } {
  try {
    const decoded = codec.decode(bytes, 0);
    if (decoded === undefined) throw new RangeError('a field is cut short or has an unknown value');
    return { value: decoded[0], encoded: codec.encode(decoded[0]) };
  } catch (error) {
    throw malformed(`not ${codec.name}: ${error instanceof Error ? error.message : 'undecodable'}`);
  }
}
