import { describe, expect, it } from 'vitest';
import type { EventId } from '../../../src/ids.ts';
import { decodeRecord, encodeRecord, recordFromJson, recordToJson } from '../../../src/store/record-codec.ts';
import { tables } from '../../../src/tables.ts';
import { noticeOf, privatePackageOf } from '../../support/state.ts';

const bytes = Uint8Array.of(0, 1, 128, 255);

describe('a record as JSON', () => {
  it('comes back as it went in, with bytes at any depth', () => {
    const record = {
      name: 'ü\u0000',
      list: [1, -2.5, null, true, bytes],
      deep: { bytes, empty: new Uint8Array() },
    };
    expect(recordFromJson(recordToJson(record))).toEqual(record);
  });

  it('gives back plain bytes for a Buffer', () => {
    const { value } = recordFromJson<{ value: unknown }>(recordToJson({ value: Buffer.from(bytes) }));
    expect(value).toEqual(bytes);
    expect(Buffer.isBuffer(value)).toBe(false);
  });

  it('leaves out what is undefined', () => {
    expect(recordFromJson(recordToJson({ a: undefined, b: 1 }))).toEqual({ b: 1 });
  });

  it('cannot pass for bytes by the name of a field', () => {
    expect(() => recordToJson({ data: { $bytes: 'AAAA' } })).toThrow(TypeError);
  });
});

describe('a record of a table', () => {
  it('comes back as it went in', () => {
    const notice = noticeOf(1);
    expect(decodeRecord('notices', encodeRecord('notices', notice))).toEqual(notice);
  });

  it('of private keys is bytes and no text, so that zeroing it leaves nothing behind', () => {
    const record = privatePackageOf('0123456789abcdef'.repeat(4));
    const encoded = encodeRecord('privateKeyPackages', record);
    expect(Buffer.from(encoded).includes(Buffer.from(record.privateBytes))).toBe(true);
    const decoded = decodeRecord('privateKeyPackages', encoded);
    encoded.fill(0);
    expect(decoded).toEqual(record);
  });

  it.each(['notices', 'privateKeyPackages', 'wraps'] as const)(
    'of a newer version of %s is refused with the way out',
    (table) => {
      const newer = Uint8Array.of(tables[table].version + 1, 123);
      expect(() => decodeRecord(table, newer)).toThrow(
        expect.objectContaining({ code: 'unsupported', repair: expect.stringContaining('newer dialogd') }),
      );
    },
  );

  it('of an older version is read as it would be written today', () => {
    const event = { id: 'a'.repeat(64), content: 'x' };
    const old = { id: event.id, state: 'received', receivedAt: 1, relay: 'ws://a.example', event };
    const record = Buffer.concat([Uint8Array.of(1), Buffer.from(JSON.stringify(old))]);
    expect(decodeRecord('wraps', record)).toEqual({
      id: event.id as EventId,
      receivedAt: 1,
      relay: 'ws://a.example',
      event,
      bytes: JSON.stringify(event).length,
    });
  });
});
