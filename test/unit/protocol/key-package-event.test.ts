import { describe, expect, test } from 'vitest';
import type { KeyPackageRef } from '../../../src/ids.ts';
import type { EventTemplate } from '../../../src/ports.ts';
import { base64Decode, base64Encode } from '../../../src/protocol/bytes.ts';
import { withBadSignature } from '../../support/nostr.ts';
import { fromHex, mls, rustKeyPackage } from '../mls/samples.ts';
import { account, at, check, codesOf, makePackage, NOW, SLOT, stranger, templateOf } from './samples.ts';

const made = makePackage();
const template = templateOf(made);
const REF = made.facts.ref;

const judge = async (parts: Partial<EventTemplate>) =>
  codesOf(await check(account.sign({ ...template, ...parts })));

describe('an event of ours', () => {
  test('has exactly the tags of the specification, in order, computed from the package', () => {
    expect(template).toEqual({
      kind: 30_443,
      created_at: NOW,
      tags: [
        ['d', SLOT],
        ['mls_protocol_version', '1.0'],
        ['i', REF],
        ['mls_ciphersuite', '0x0001'],
        ['mls_extensions', '0x0006', '0xf2d1'],
        ['mls_proposals', '0x0008', '0x000a'],
        [
          'app_components',
          ...[
            '0x8001',
            '0x8002',
            '0x8003',
            '0x8004',
            '0x8005',
            '0x8006',
            '0x8007',
            '0x8009',
            '0x800b',
            '0x800c',
          ],
        ],
      ],
      content: base64Encode(made.message),
    });
  });

  test.each([
    ['standard', false],
    ['last_resort', true],
  ] as const)(
    'with a %s package passes every rule and decodes to what was asked for',
    async (kind, lastResort) => {
      const own = makePackage({ lastResort });
      const event = account.sign(templateOf(own));
      expect(await check(event)).toEqual({
        ok: true,
        event,
        slot: SLOT,
        kind,
        components: [0x0001, 0x8001, 0x8002, 0x8003, 0x8004, 0x8005, 0x8006, 0x8007, 0x8009, 0x800b, 0x800c],
        facts: own.facts,
      });
    },
  );

  test('carries the framed package and nothing else', () => {
    expect(base64Decode(template.content)).toEqual(made.message);
  });

  test('is judged alike by an MLS room that answers later', async () => {
    const result = await check(account.sign(template), async (message) => mls.readKeyPackage(message));
    expect(codesOf(result)).toBe('valid');
  });
});

test('the package of the Rust implementation breaks only what its event would break', async () => {
  const message = fromHex(rustKeyPackage.mls_message);
  const facts = mls.readKeyPackage(message);
  const event = stranger.sign(templateOf({ facts, message }));
  const during = at(rustKeyPackage.not_before + 3_600);
  // Its account is not ours to sign with.
  expect(codesOf(await check(event, mls.readKeyPackage, during))).toEqual(['author_mismatch']);
  expect(facts.ref).toBe(rustKeyPackage.key_package_ref);
});

describe('the event around a package', () => {
  test('with a wrong signature is invalid, whatever else it holds', async () => {
    const event = account.sign({ ...template, kind: 443 });
    expect(codesOf(await check(withBadSignature(event)))).toEqual(['event_invalid']);
  });

  test('whose content was changed after signing is invalid', async () => {
    const event = { ...account.sign(template), content: base64Encode(makePackage().message) };
    expect(codesOf(await check(event))).toEqual(['event_invalid']);
  });

  test('of another kind is refused as such', async () => {
    expect(await judge({ kind: 30_444 })).toEqual(['wrong_kind']);
  });

  test('may carry the tags newer programs add', async () => {
    expect(await judge({ tags: [...template.tags, ['client', 'x'], ['relays'], ['-']] })).toBe('valid');
  });
});

const without = (name: string) => template.tags.filter(([found]) => found !== name);
const replaced = (name: string, ...tag: string[]) =>
  template.tags.map((found) => (found[0] === name ? tag : found));
const names = template.tags.map(([name]) => name as string);

describe.each(names)('the required tag %s', (name) => {
  test.each<[string, string, readonly (readonly string[])[]]>([
    ['missing', 'tag_missing', without(name)],
    ['there twice', 'tag_repeated', [...template.tags, ...template.tags.filter(([found]) => found === name)]],
    ['without a value', 'tag_empty', replaced(name, name)],
    ['with an empty value', 'tag_empty', replaced(name, name, '')],
    ['with a value of another form', 'tag_malformed', replaced(name, name, '0X8009')],
    ['with a value twice', 'tag_malformed', replaced(name, name, '0x8009', '0x8009')],
  ])('%s is told as %s', async (_, code, tags) => {
    const result = await check(account.sign({ ...template, tags }));
    expect(result).toEqual({ ok: false, reasons: [{ code, detail: name }] });
  });
});

describe.each(['d', 'i'])('the tag %s', (name) => {
  const value = name === 'd' ? SLOT : REF;
  test.each([
    ['upper case', value.toUpperCase()],
    ['one digit less', value.slice(1)],
    ['two digits more', `${value}00`],
    ['a line end', `${value}\n`],
  ])('in %s is malformed', async (_, text) => {
    expect(await judge({ tags: replaced(name, name, text) })).toEqual(['tag_malformed']);
  });
});

test.each(['d', 'mls_protocol_version', 'i', 'mls_ciphersuite'])('the tag %s has one value', async (name) => {
  const tags = template.tags.map((tag) => (tag[0] === name ? [...tag, 'more'] : tag));
  expect(await judge({ tags })).toEqual(['tag_malformed']);
});

test('another version or ciphersuite than ours is malformed', async () => {
  expect(await judge({ tags: replaced('mls_protocol_version', 'mls_protocol_version', '1') })).toEqual([
    'tag_malformed',
  ]);
  expect(await judge({ tags: replaced('mls_ciphersuite', 'mls_ciphersuite', '0x0002') })).toEqual([
    'tag_malformed',
  ]);
});

test('several problems are told at once', async () => {
  const tags = [...without('i'), ['d', SLOT]];
  expect(await judge({ tags, content: '!' })).toEqual(['tag_repeated', 'tag_missing', 'content_not_base64']);
});

describe('the content', () => {
  const { message } = made;
  test.each<[string, string, string]>([
    ['unpadded base64', 'content_not_base64', `${template.content}==`],
    ['hex', 'content_not_base64', 'zz'],
    ['nothing', 'content_not_key_package', ''],
    ['a byte left over', 'content_not_key_package', base64Encode(Uint8Array.of(...message, 0))],
    ['a byte missing', 'content_not_key_package', base64Encode(message.subarray(0, -1))],
    ['a Welcome', 'content_not_key_package', base64Encode(Uint8Array.of(0, 1, 0, 3, 0))],
    ['more than any package has', 'content_too_long', 'A'.repeat(16_388)],
  ])('that is %s is told as %s', async (_, code, content) => {
    expect(await judge({ content })).toEqual([code]);
  });

  test('that makes a decoder fail in an unforeseen way is refused, not thrown', async () => {
    const result = await check(account.sign(template), () => {
      throw new RangeError('Invalid array length');
    });
    expect(codesOf(result)).toEqual(['content_not_key_package']);
  });
});

describe('an older profile is told by its name', () => {
  const withExtension = (id: string) => replaced('mls_extensions', 'mls_extensions', '0x0006', id);
  test.each<[string, Partial<EventTemplate>]>([
    ['kind 443', { kind: 443, tags: [['mls_ciphersuite', '0x0001']] }],
    ['an encoding tag', { tags: [...template.tags, ['encoding', 'base64']] }],
    ['the group data extension in its tags', { tags: withExtension('0xf2ee') }],
    ['the proof extension in its tags', { tags: withExtension('0xf2f1') }],
    ['a bare KeyPackage', { content: base64Encode(made.message.subarray(4)), tags: without('i') }],
  ])('by %s', async (_, parts) => {
    expect(await judge(parts)).toEqual(['obsolete_profile']);
  });

  test.each([
    ['capability', { capabilities: { ...made.facts.capabilities, extensions: [0x0006, 0xf2ee] } }],
    ['extension', { leafExtensions: [{ type: 0xf2f1, data: new Uint8Array() }] }],
  ])('by a leaf %s that its tags do not mention', async (_, parts) => {
    const result = await check(account.sign(template), () => ({ ...made.facts, ...parts }));
    expect(codesOf(result)).toEqual(['obsolete_profile']);
  });
});

test('a ref that is not the hash of the package is a mismatch', async () => {
  const other = makePackage().facts.ref satisfies KeyPackageRef;
  expect(await judge({ tags: replaced('i', 'i', other) })).toEqual(['ref_mismatch']);
});

describe.each(['mls_extensions', 'mls_proposals', 'app_components'])('the list %s', (name) => {
  const [, first, ...rest] = template.tags.find(([found]) => found === name) as [string, string, ...string[]];

  test('in another order is the same set', async () => {
    expect(await judge({ tags: replaced(name, name, ...rest, first) })).toBe('valid');
  });

  test.each([
    ['one id less', rest],
    ['one id more', [first, ...rest, '0xf2d2']],
    ['one id exchanged', ['0xf2d2', ...rest]],
  ])('with %s than the leaf is a mismatch', async (_, ids) => {
    const result = await check(account.sign({ ...template, tags: replaced(name, name, ...ids) }));
    expect(result).toEqual({ ok: false, reasons: [{ code: 'list_mismatch', detail: name }] });
  });
});

test('components below 0x8000 are not named in the tag', async () => {
  const tag = template.tags.find(([name]) => name === 'app_components') as string[];
  expect(await judge({ tags: replaced('app_components', ...tag, '0x0001') })).toEqual(['list_mismatch']);
});
