import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRelayMessage, prefixOf, readable } from '../../../src/relay/messages.ts';
import { createAccount } from '../../support/nostr.ts';

const event = createAccount('author').sign({ tags: [['p', 'x', 'y'], []] });
const parse = (message: unknown) => parseRelayMessage(JSON.stringify(message));

describe('a message from a relay', () => {
  test.each([
    [['EVENT', 's', event], { type: 'EVENT', subscription: 's', event }],
    [['EOSE', 's'], { type: 'EOSE', subscription: 's' }],
    [['CLOSED', 's', 'error: no'], { type: 'CLOSED', subscription: 's', words: 'error: no' }],
    [['CLOSED', 's'], { type: 'CLOSED', subscription: 's', words: '' }],
    [['OK', event.id, true, ''], { type: 'OK', eventId: event.id, accepted: true, words: '' }],
    [['OK', event.id, false], { type: 'OK', eventId: event.id, accepted: false, words: '' }],
    [['AUTH', 'challenge'], { type: 'AUTH', challenge: 'challenge' }],
    [['NOTICE', 'hello'], { type: 'NOTICE', words: 'hello' }],
    [['EOSE', 's', 'more than', 'we know'], { type: 'EOSE', subscription: 's' }],
  ])('%j is understood', (message, expected) => {
    expect(parse(message)).toEqual(expected);
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '["EOSE"'],
    ['no array', '{"0":"EOSE","1":"s"}'],
    ['an empty array', '[]'],
    ['an unknown type', '["COUNT","s",{"count":1}]'],
    ['no subscription', '["EOSE"]'],
    ['a number as subscription', '["EOSE",1]'],
    ['an answer that is no boolean', `["OK","${event.id}","true",""]`],
    ['an empty challenge', '["AUTH",""]'],
    ['a challenge without end', JSON.stringify(['AUTH', 'x'.repeat(1_025)])],
    ['JSON deeper than any stack', '['.repeat(500_000)],
    ['closed JSON deeper than any stack', '['.repeat(500_000) + ']'.repeat(500_000)],
  ])('%s is nothing', (_, frame) => {
    expect(parseRelayMessage(frame)).toBeUndefined();
  });

  test.each([
    ['missing', undefined],
    ['null', null],
    ['a string', 'event'],
    ['with a short id', { ...event, id: event.id.slice(1) }],
    ['with an id in capitals', { ...event, id: event.id.toUpperCase().replace(/^./, 'A') }],
    ['without an author', { ...event, pubkey: undefined }],
    ['with a fractional time', { ...event, created_at: 1.5 }],
    ['with a negative time', { ...event, created_at: -1 }],
    ['with a time beyond integers', { ...event, created_at: 2 ** 53 }],
    ['with a kind beyond 16 bits', { ...event, kind: 65_536 }],
    ['with a kind as text', { ...event, kind: '1' }],
    ['with content that is no text', { ...event, content: { text: '' } }],
    ['with tags that are no array', { ...event, tags: { p: 'x' } }],
    ['with a tag that is no array', { ...event, tags: ['p'] }],
    ['with a number in a tag', { ...event, tags: [['p', 1]] }],
    ['with tags without end', { ...event, tags: Array(20_001).fill([]) }],
    ['with a short signature', { ...event, sig: event.sig.slice(2) }],
  ])('an event %s is nothing', (_, broken) => {
    expect(parse(['EVENT', 's', broken])).toBeUndefined();
  });

  test('of any JSON at all is understood or nothing, never an exception', () => {
    const types = fc.constantFrom('EVENT', 'EOSE', 'CLOSED', 'OK', 'AUTH', 'NOTICE');
    const messages = fc.tuple(types, fc.jsonValue(), fc.jsonValue(), fc.jsonValue());
    fc.assert(fc.property(fc.oneof(messages, fc.jsonValue()), (message) => parse(message) !== null));
    fc.assert(fc.property(fc.string(), (frame) => parseRelayMessage(frame) !== null));
  });
});

describe("a relay's words", () => {
  test.each([
    ['blocked: spam', 'blocked'],
    ['rate-limited:slow down', 'rate-limited'],
    ['Blocked: capital', 'error'],
    ['no prefix', 'error'],
    [': empty', 'error'],
    [`${'x'.repeat(99)}: long`, 'error'],
  ])('%j have the prefix %j', (words, prefix) => {
    expect(prefixOf(words)).toBe(prefix);
  });

  test('become one printable line of at most 200 characters', () => {
    expect(readable('a\r\n\u001b[31mb\u0000\u202ec\u2028d ')).toBe('a [31mb c d');
    expect(readable('x'.repeat(1_000))).toHaveLength(200);
    expect(readable({ toString: () => 'trick' })).toBe('');
  });
});
