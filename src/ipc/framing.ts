/** Newline framing: one JSON text a line, UTF-8. */
export const NEWLINE = 0x0a;
const FIRST_CAPACITY = 1_024;

export type Frame =
  | { readonly kind: 'line'; readonly bytes: Buffer }
  /** Told once, as soon as it is known; the rest of that line is skipped. */
  | { readonly kind: 'too_long' };

export interface LineCutter {
  /** Takes the next chunk. */
  cut(chunk: Buffer): Frame[];
  /** The newline of a line that began is still to come. */
  unfinished(): boolean;
}

/**
 * Cuts a stream at its newlines. Holds at most one unfinished line, copied together so that a client writing
 * single bytes costs no more than its line is long.
 */
export function lineCutter(maxBytes: number): LineCutter {
  let held = Buffer.allocUnsafe(FIRST_CAPACITY);
  let length = 0;
  let skipping = false;

  const hold = (part: Buffer): void => {
    if (length + part.length > held.length) {
      const larger = Buffer.allocUnsafe(Math.max(length + part.length, held.length * 2));
      held.copy(larger, 0, 0, length);
      held = larger;
    }
    length += part.copy(held, length);
  };
  const release = (): Buffer => {
    const line = held.subarray(0, length);
    held = Buffer.allocUnsafe(FIRST_CAPACITY);
    length = 0;
    return line;
  };

  const cut = (chunk: Buffer): Frame[] => {
    const frames: Frame[] = [];
    for (let start = 0; start < chunk.length; ) {
      const newline = chunk.indexOf(NEWLINE, start);
      const end = newline === -1 ? chunk.length : newline;
      if (!skipping && length + end - start > maxBytes) {
        skipping = true;
        release();
        frames.push({ kind: 'too_long' });
      }
      if (!skipping) hold(chunk.subarray(start, end));
      if (newline !== -1) {
        if (!skipping) frames.push({ kind: 'line', bytes: release() });
        skipping = false;
      }
      start = end + 1;
    }
    return frames;
  };
  return { cut, unfinished: () => skipping || length > 0 };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The value of one line; undefined when it is not UTF-8 or not JSON (RFC 8259 forbids a byte order mark). */
export function parseLine(bytes: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(utf8.decode(bytes)) };
  } catch {
    return undefined;
  }
}

/** JSON.stringify never leaves a newline in its output, so a line is a line. */
export const toLine = (value: unknown): string => `${JSON.stringify(value)}\n`;
