import { describe, expect, test } from 'vitest';
import type { RelayUrl } from '../../../src/ids.ts';
import { eventId, type Rumor } from '../../../src/protocol/nip01.ts';
import { buildWelcomeRumor, parseWelcomeRumor } from '../../../src/protocol/welcome-rumor.ts';
import { fromHex } from '../mls/samples.ts';
import { account, NOW } from './samples.ts';

const welcome = {
  author: account.publicKey,
  createdAt: NOW,
  message: fromHex('0001000300'),
  keyPackageEvent: account.sign().id,
  relays: ['wss://a.example', 'wss://b.example'] as RelayUrl[],
};
const rumor = buildWelcomeRumor(welcome);
const E = ['e', welcome.keyPackageEvent];
const RELAYS = ['relays', ...welcome.relays];

test('an invitation of ours has its id and its two tags, no more', () => {
  expect(rumor).toEqual({
    id: eventId(rumor),
    pubkey: account.publicKey,
    created_at: NOW,
    kind: 444,
    tags: [E, RELAYS],
    content: 'AAEAAwA=',
  });
  expect(parseWelcomeRumor(rumor)).toEqual({ ok: true, welcome });
});

describe('an invitation', () => {
  test.each<[string, string, Partial<Rumor>]>([
    ['of another kind', 'not_a_welcome', { kind: 14 }],
    ['that names its encoding', 'obsolete_profile', { tags: [E, RELAYS, ['encoding', 'base64']] }],
    ['without an event', 'event_reference_malformed', { tags: [RELAYS] }],
    ['with two events', 'event_reference_malformed', { tags: [E, E, RELAYS] }],
    ['with an empty event', 'event_reference_malformed', { tags: [['e'], RELAYS] }],
    [
      'with an event id in upper case',
      'event_reference_malformed',
      { tags: [['e', 'AB'.repeat(32)], RELAYS] },
    ],
    ['without relays', 'relays_malformed', { tags: [E] }],
    ['with two lists of relays', 'relays_malformed', { tags: [E, RELAYS, RELAYS] }],
    ['with an empty list of relays', 'relays_malformed', { tags: [E, ['relays']] }],
    ['with no valid relay', 'relays_malformed', { tags: [E, ['relays', 'https://a.example']] }],
    ['in hex', 'content_not_base64', { content: '0001000300' }],
    ['in unpadded base64', 'content_not_base64', { content: 'AAEAAwA' }],
    ['without content', 'content_not_base64', { content: '' }],
  ])('%s is refused: %s', (_, reason, parts) => {
    expect(parseWelcomeRumor({ ...rumor, ...parts })).toEqual({ ok: false, reason });
  });

  test('keeps the relays that can be used, at most 50', () => {
    const many = Array.from({ length: 60 }, (_, index) => `wss://r${index}.example`);
    const parsed = parseWelcomeRumor({ ...rumor, tags: [E, ['relays', 'nonsense', ...many]] });
    expect(parsed).toMatchObject({ ok: true, welcome: { relays: many.slice(0, 50) } });
  });

  test('may carry other tags, and hints behind its event', () => {
    const tags = [[...E, 'wss://hint.example'], RELAYS, ['client', 'x']];
    expect(parseWelcomeRumor({ ...rumor, tags })).toEqual({ ok: true, welcome });
  });
});
