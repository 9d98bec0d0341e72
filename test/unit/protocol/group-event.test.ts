import { describe, expect, test } from 'vitest';
import { unixSeconds } from '../../../src/ids.ts';
import { base64Encode } from '../../../src/protocol/bytes.ts';
import { groupEventTemplate, parseGroupEvent } from '../../../src/protocol/group-event.ts';
import { createAccount } from '../../support/nostr.ts';

const nostrGroupId = 'ab'.repeat(32);
const sealed = new Uint8Array(28).fill(7);
const createdAt = unixSeconds(1_800_000_000);
const template = groupEventTemplate({ nostrGroupId, sealed, expirationAt: undefined }, createdAt);
const parse = (parts: { kind?: number; tags?: readonly (readonly string[])[]; content?: string }) =>
  parseGroupEvent(createAccount('ephemeral').sign({ ...template, ...parts }));

test('an event is read as it was made', () => {
  expect(template.tags).toEqual([['h', nostrGroupId]]);
  expect(parse({})).toEqual({ ok: true, event: { nostrGroupId, sealed, expirationAt: undefined } });
});

test('the expiration of a group with retention is the only other tag', () => {
  const expirationAt = unixSeconds(1_800_086_400);
  const { tags } = groupEventTemplate({ nostrGroupId, sealed, expirationAt }, createdAt);
  expect(tags).toEqual([
    ['h', nostrGroupId],
    ['expiration', '1800086400'],
  ]);
  expect(parse({ tags })).toEqual({ ok: true, event: { nostrGroupId, sealed, expirationAt } });
});

describe('is rejected', () => {
  const h = ['h', nostrGroupId];
  test.each([
    ['no h', []],
    ['h twice', [h, h]],
    ['h without a value', [['h']]],
    ['h with two values', [['h', nostrGroupId, nostrGroupId]]],
    ['h in capitals', [['h', nostrGroupId.toUpperCase()]]],
    ['another tag', [h, ['e', nostrGroupId]]],
    ['an expiration twice', [h, ['expiration', '1'], ['expiration', '1']]],
    ['an expiration that is no number', [h, ['expiration', 'soon']]],
    ['an encoding', [h, ['encoding', 'base64']]],
  ])('for its tags: %s', (_, tags) =>
    expect(parse({ tags })).toEqual({ ok: false, reason: 'tags_malformed' }),
  );

  test.each([
    ['content_not_base64', '*'],
    ['content_too_short', base64Encode(sealed.subarray(1))],
  ])('for its content: %s', (reason, content) => expect(parse({ content })).toEqual({ ok: false, reason }));

  test('for its kind', () =>
    expect(parse({ kind: 444 })).toEqual({ ok: false, reason: 'not_a_group_event' }));
});
