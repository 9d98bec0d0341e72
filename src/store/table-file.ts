import { crc32c } from './crc32c.ts';

/** LevelDB's doc/table_format.md: blocks in a row, then a footer that leads to the two that list the others. */
const FOOTER_LENGTH = 48;
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
/** LevelDB's util/crc32c.h: a stored checksum is rotated by 15 bits and offset by this. */
const CRC_MASK_DELTA = 0xa282ead8;

/**
 * True when every block of this table file is as it was written. LevelDB does not look at its own checksums
 * when it reads, and a flipped bit in an index or a filter hides records without a word.
 */
export function isSoundTable(file: Buffer): boolean {
  if (file.length < FOOTER_LENGTH || !file.subarray(-MAGIC.length).equals(MAGIC)) return false;
  const footer = createReader(file.subarray(-FOOTER_LENGTH));
  const lists = [soundBlock(file, footer), soundBlock(file, footer)];
  return lists.every(
    (list) => list !== undefined && handlesIn(list).every((handle) => soundBlock(file, handle) !== undefined),
  );
}

/** Reads a block handle and gives the content of that block, undefined when its checksum does not fit. */
function soundBlock(file: Buffer, handle: Reader): Buffer | undefined {
  const offset = handle.varint();
  const length = handle.varint();
  const typeAt = offset + length;
  if (typeAt + 5 > file.length) return undefined;
  const crc = crc32c(file.subarray(offset, typeAt + 1));
  const masked = (((crc >>> 15) | (crc << 17)) + CRC_MASK_DELTA) >>> 0;
  return masked === file.readUInt32LE(typeAt + 1) ? file.subarray(offset, typeAt) : undefined;
}

/** The values of a sound index or meta index block: each is a block handle. */
function handlesIn(block: Buffer): Reader[] {
  const restarts = block.readUInt32LE(block.length - 4);
  const entries = createReader(block.subarray(0, block.length - 4 * (restarts + 1)));
  const handles: Reader[] = [];
  while (!entries.atEnd()) {
    entries.varint(); // length of the key's prefix that is shared with the entry before
    const keyLength = entries.varint();
    const valueLength = entries.varint();
    entries.bytes(keyLength);
    handles.push(createReader(entries.bytes(valueLength)));
  }
  return handles;
}

interface Reader {
  atEnd(): boolean;
  /** An unsigned LEB128 number; 0 past the end. */
  varint(): number;
  bytes(length: number): Buffer;
}

function createReader(buffer: Buffer): Reader {
  let at = 0;
  return {
    atEnd: () => at >= buffer.length,
    varint: () => {
      let value = 0;
      for (let scale = 1; ; scale *= 128) {
        const byte = buffer[at++] ?? 0;
        value += (byte & 0x7f) * scale;
        if (byte < 0x80) return value;
      }
    },
    bytes: (length) => {
      at += length;
      return buffer.subarray(at - length, at);
    },
  };
}
