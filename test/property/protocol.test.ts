import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAccountProof, encodeAccountProof } from '../../src/protocol/account-proof.ts';
import {
  decodeComponentIds,
  decodeDictionary,
  encodeComponentIds,
  encodeDictionary,
} from '../../src/protocol/app-data-dictionary.ts';
import { base64Decode, base64Encode, decodeExactly, ifWellFormed, vector } from '../../src/protocol/bytes.ts';
import { eventId, parseEvent, parseRumor } from '../../src/protocol/nip01.ts';
import { parseRelayUrl } from '../../src/protocol/relay-url.ts';
import { buildWelcomeRumor, parseWelcomeRumor } from '../../src/protocol/welcome-rumor.ts';
import { account, check, codesOf, makePackage, NOW, templateOf } from '../unit/protocol/samples.ts';

const bytes = fc.uint8Array({ maxLength: 300 });
const hex = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((b) => Buffer.from(b).toString('hex'));
const ids = fc
  .uniqueArray(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
  .map((list) => list.sort((a, b) => a - b));
const entries = ids.chain((list) => fc.tuple(...list.map((id) => bytes.map((data) => ({ id, data })))));

/** Whatever decodes has one spelling: the one it was decoded from. */
function isCanonical<T>(
  input: Uint8Array,
  decode: (b: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
): void {
  const value = ifWellFormed(() => decode(input));
  if (value !== undefined) expect(encode(value)).toEqual(input);
}

describe('every structure', () => {
  test('that is written is read back the same', () => {
    fc.assert(
      fc.property(bytes, entries, ids, (data, dictionary, list) => {
        expect(base64Decode(base64Encode(data))).toEqual(data);
        expect(decodeExactly(vector(data), (reader) => reader.vector())).toEqual(data);
        expect(decodeDictionary(encodeDictionary(dictionary))).toEqual(dictionary);
        expect(decodeComponentIds(encodeComponentIds(list))).toEqual(list);
      }),
    );
  });

  test('that is read is written back the same, or was malformed', () => {
    const small = fc.uint8Array({ maxLength: 12, max: 0x42 });
    fc.assert(
      fc.property(fc.oneof(small, fc.uint8Array({ maxLength: 108 })), (input) => {
        isCanonical(input, (b) => decodeExactly(b, (reader) => reader.vector()), vector);
        isCanonical(input, decodeDictionary, encodeDictionary);
        isCanonical(input, decodeComponentIds, encodeComponentIds);
        isCanonical(input, decodeAccountProof, encodeAccountProof);
      }),
      { numRuns: 2_000 },
    );
  });

  test('in base64 has one spelling', () => {
    fc.assert(
      fc.property(
        fc.base64String({ maxLength: 12 }).map((text) => text.replace(/=$/, '')),
        (text) => {
          const decoded = ifWellFormed(() => base64Decode(text));
          if (decoded !== undefined) expect(base64Encode(decoded)).toBe(text);
        },
      ),
    );
  });
});

test('an account proof of any account, date and signature is read back the same', () => {
  fc.assert(
    fc.property(
      fc.record({ pubkey: hex(32), created_at: fc.nat({ max: Number.MAX_SAFE_INTEGER }), sig: hex(64) }),
      (proof) => {
        const encoded = encodeAccountProof(proof as Parameters<typeof encodeAccountProof>[0]);
        expect(encoded).toHaveLength(104);
        expect(decodeAccountProof(encoded)).toEqual(proof);
      },
    ),
  );
});

test('a relay address once normalised stays as it is', () => {
  const text = fc.oneof(
    fc.webUrl({ withQueryParameters: true }).map((url) => url.replace(/^http/, 'ws')),
    fc.string({ unit: 'binary' }).map((rest) => `wss://${rest}`),
  );
  fc.assert(
    fc.property(text, (written) => {
      const first = parseRelayUrl(written);
      if (first.ok) expect(parseRelayUrl(first.url)).toEqual(first);
    }),
    { numRuns: 1_000 },
  );
});

test('anything at all is an event or has a reason why not', () => {
  const almost = fc.record(
    {
      id: hex(32),
      pubkey: hex(32),
      created_at: fc.nat(),
      kind: fc.nat({ max: 70_000 }),
      tags: fc.array(fc.array(fc.string())),
      content: fc.string(),
      sig: hex(64),
    },
    { requiredKeys: ['pubkey', 'kind'] },
  );
  fc.assert(
    fc.property(fc.oneof(almost, fc.anything()), (value) => {
      const parsed = parseEvent(value);
      if (!parsed.ok) expect(parsed.reason).not.toBe('');
      const rumor = parseRumor(value);
      if (rumor.ok) expect(rumor.event.id).toBe(eventId(rumor.event));
    }),
  );
});

test('an invitation is read back as it was built', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), hex(32), fc.webUrl(), (message, event, url) => {
      const relay = parseRelayUrl(url.replace(/^http/, 'ws'));
      fc.pre(relay.ok);
      const welcome = {
        author: account.publicKey,
        createdAt: NOW,
        message,
        keyPackageEvent: event as ReturnType<typeof eventId>,
        relays: [relay.url],
      };
      expect(parseWelcomeRumor(buildWelcomeRumor(welcome))).toEqual({ ok: true, welcome });
    }),
  );
});

test('a KeyPackage event with one byte of its package changed is refused with a reason, never thrown', async () => {
  const made = makePackage();
  const template = templateOf(made);
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: made.message.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, flip) => {
        const message = made.message.slice();
        message[at] = (message[at] as number) ^ flip;
        const result = await check(account.sign({ ...template, content: base64Encode(message) }));
        expect(codesOf(result)).toEqual(expect.arrayContaining([expect.any(String)]));
      },
    ),
    { numRuns: 60 },
  );
});

test('a KeyPackage event with any tags and content is judged, never thrown', async () => {
  const name = fc.constantFrom('d', 'i', 'mls_extensions', 'app_components', 'encoding', 'x');
  const tags = fc.array(fc.tuple(name, fc.string(), fc.string()));
  await fc.assert(
    fc.asyncProperty(tags, fc.oneof(fc.string(), bytes.map(base64Encode)), async (some, content) => {
      const result = await check(account.sign({ kind: 30_443, tags: some, content }));
      expect(result).toMatchObject({ ok: false });
    }),
    { numRuns: 60 },
  );
});
