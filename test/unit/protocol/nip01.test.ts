import { getEventHash } from 'nostr-tools/pure';
import { describe, expect, test } from 'vitest';
import {
  eventId,
  parseEvent,
  parseRumor,
  sameAsTemplate,
  supersedes,
  tagsNamed,
} from '../../../src/protocol/nip01.ts';
import type { NostrEvent } from '../../../src/records.ts';
import { account, NOW, stranger } from './samples.ts';

const event = account.sign({
  kind: 30_443,
  created_at: NOW,
  tags: [['d', 'x'], []],
  content: 'Grüße\n"\\\t\u0001 🦫',
});
const { id: _, ...withoutId } = event;
const rumor = { ...withoutId, sig: undefined };

describe('an event from outside', () => {
  test('is taken over field by field, without what else was there', () => {
    const parsed = parseEvent({ ...event, seen: true });
    expect(parsed).toEqual({ ok: true, event });
  });

  test.each<[string, unknown, string]>([
    ['null', null, 'expected object'],
    ['an array', [], 'expected object'],
    ['a text', 'event', 'expected object'],
    ['an id in upper case', { ...event, id: event.id.toUpperCase() }, 'id:'],
    ['a short key', { ...event, pubkey: event.pubkey.slice(1) }, 'pubkey:'],
    ['no signature', { ...event, sig: undefined }, 'sig:'],
    ['a date with a fraction', { ...event, created_at: NOW + 0.5 }, 'created_at:'],
    ['a date before 1970', { ...event, created_at: -1 }, 'created_at:'],
    ['a date beyond counting', { ...event, created_at: 2 ** 53 }, 'created_at:'],
    ['a kind beyond 16 bits', { ...event, kind: 65_536 }, 'kind:'],
    ['a number in a tag', { ...event, tags: [['d', 1]] }, 'tags.0.1:'],
    ['tags that are no list', { ...event, tags: 'd' }, 'tags:'],
    ['too many tags', { ...event, tags: Array.from({ length: 2_001 }, () => ['t']) }, 'tags:'],
    ['a tag of too many items', { ...event, tags: [Array.from({ length: 501 }, () => 't')] }, 'tags.0:'],
    ['too long tags', { ...event, tags: [['t', 'x'.repeat(524_288)]] }, 'tags: too long'],
    ['too long a content', { ...event, content: 'x'.repeat(4 * 1024 * 1024 + 1) }, 'content:'],
  ])('%s is refused, and the reason names the place', (_, value, reason) => {
    expect(parseEvent(value)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });

  test('has the id that other implementations compute, whatever the text', () => {
    expect(eventId(event)).toBe(getEventHash(event as unknown as Parameters<typeof getEventHash>[0]));
    expect(eventId(event)).toBe(event.id);
  });
});

describe('a rumor', () => {
  test('with or without its id is read with the id it must have', () => {
    const expected = { ok: true, event: withoutSignature(event) };
    expect(parseRumor({ ...rumor, id: event.id })).toEqual(expected);
    expect(parseRumor(rumor)).toEqual(expected);
  });

  test('with the id of something else is refused', () => {
    expect(parseRumor({ ...rumor, id: stranger.sign().id })).toEqual({
      ok: false,
      reason: 'id: not the hash of the event',
    });
  });

  test('with a signature is refused: it could be published', () => {
    expect(parseRumor(event)).toEqual({ ok: false, reason: expect.stringContaining('sig:') });
  });

  const withoutSignature = ({ sig: _sig, ...rest }: NostrEvent) => rest;
});

describe('what a signer returns', () => {
  const template = { kind: 1, created_at: NOW, tags: [['a', 'b']], content: 'c' };
  test('is the same only if every field is', () => {
    expect(sameAsTemplate(template, account.sign(template), account.publicKey)).toBe(true);
  });

  test.each([
    ['another author', stranger.sign(template)],
    ['another date', account.sign({ ...template, created_at: NOW + 1 })],
    ['another kind', account.sign({ ...template, kind: 2 })],
    ['another tag', account.sign({ ...template, tags: [['a', 'b', '']] })],
    ['another content', account.sign({ ...template, content: 'd' })],
  ])('with %s is something else', (_, returned) => {
    expect(sameAsTemplate(template, returned, account.publicKey)).toBe(false);
  });
});

describe('versions of a replaceable event', () => {
  const [low, high] = [account.sign({ content: 'a' }), account.sign({ content: 'b' })].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  ) as [NostrEvent, NostrEvent];
  const newer = account.sign({ created_at: high.created_at + 1 });

  test('the newest replaces the others', () => {
    expect(supersedes(newer, low)).toBe(true);
    expect(supersedes(low, newer)).toBe(false);
  });

  test('of one date the lower id stays, and no event replaces itself', () => {
    expect(supersedes(low, high)).toBe(true);
    expect(supersedes(high, low)).toBe(false);
    expect(supersedes(low, low)).toBe(false);
  });
});

test('tags are found by name, all of them, without the name', () => {
  expect(tagsNamed({ tags: [['e', '1'], ['p'], [], ['e', '2', '3']] }, 'e')).toEqual([['1'], ['2', '3']]);
});
