import { describe, expect, it } from 'vitest';
import { decodeRecord, encodeRecord } from '../../../src/store/record-codec.ts';

const bytes = Uint8Array.of(0, 1, 128, 255);

describe('a record', () => {
  it('comes back as it went in, with bytes at any depth', () => {
    const record = {
      name: 'ü\u0000',
      list: [1, -2.5, null, true, bytes],
      deep: { bytes, empty: new Uint8Array() },
    };
    expect(decodeRecord(encodeRecord(record))).toEqual(record);
  });

  it('gives back plain bytes for a Buffer', () => {
    const { value } = decodeRecord<{ value: unknown }>(encodeRecord({ value: Buffer.from(bytes) }));
    expect(value).toEqual(bytes);
    expect(Buffer.isBuffer(value)).toBe(false);
  });

  it('leaves out what is undefined', () => {
    expect(decodeRecord(encodeRecord({ a: undefined, b: 1 }))).toEqual({ b: 1 });
  });

  it('cannot pass for bytes by the name of a field', () => {
    expect(() => encodeRecord({ data: { $bytes: 'AAAA' } })).toThrow(TypeError);
  });

  it('of a newer format is refused with the way out', () => {
    const newer = encodeRecord({ a: 1 });
    newer[0] = 2;
    expect(() => decodeRecord(newer)).toThrow(
      expect.objectContaining({ code: 'unsupported', repair: expect.stringContaining('newer dialogd') }),
    );
  });
});
