import { describe, expect, test } from 'vitest';
import type { RelayUrl } from '../../../src/ids.ts';
import {
  inboxListTemplate,
  inboxRelays,
  nip65Template,
  writeRelays,
} from '../../../src/protocol/relay-lists.ts';
import { account, NOW } from './samples.ts';

const urls = ['wss://a.example', 'ws://127.0.0.1:7777'] as RelayUrl[];

test('a list of ours is read back as it was written', () => {
  expect(nip65Template(urls, NOW)).toEqual({
    kind: 10_002,
    created_at: NOW,
    tags: [
      ['r', 'wss://a.example'],
      ['r', 'ws://127.0.0.1:7777'],
    ],
    content: '',
  });
  expect(inboxListTemplate(urls, NOW)).toMatchObject({
    kind: 10_050,
    tags: [
      ['relay', urls[0]],
      ['relay', urls[1]],
    ],
  });
  expect(writeRelays(account.sign(nip65Template(urls, NOW)))).toEqual(urls);
  expect(inboxRelays(account.sign(inboxListTemplate(urls, NOW)))).toEqual(urls);
});

describe('the list of another program', () => {
  const listing = (...tags: string[][]) => account.sign({ kind: 10_002, tags });

  test('is published to where it is unmarked or marked for writing', () => {
    const event = listing(
      ['r', 'wss://both.example'],
      ['r', 'wss://empty.example', ''],
      ['r', 'wss://write.example', 'write'],
      ['r', 'wss://read.example', 'read'],
      ['relay', 'wss://other.example'],
    );
    expect(writeRelays(event)).toEqual(['wss://both.example', 'wss://empty.example', 'wss://write.example']);
  });

  test('loses its broken entries and repeats, and keeps the rest', () => {
    const event = listing(['r'], ['r', 'nonsense'], ['r', 'WSS://A.example/'], ['r', 'wss://a.example']);
    expect(writeRelays(event)).toEqual(['wss://a.example']);
  });

  test('counts up to 50 relays', () => {
    const many = Array.from({ length: 60 }, (_, index) => ['relay', `wss://r${index}.example`]);
    expect(inboxRelays(listing(...many))).toHaveLength(50);
  });
});
