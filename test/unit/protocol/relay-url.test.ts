import { describe, expect, test } from 'vitest';
import { parseRelayUrl, validRelayUrls } from '../../../src/protocol/relay-url.ts';

describe('an address', () => {
  test.each([
    ['wss://relay.example', 'wss://relay.example'],
    ['wss://relay.example/', 'wss://relay.example'],
    ['WSS://Relay.EXAMPLE:443/', 'wss://relay.example'],
    ['ws://relay.example:80', 'ws://relay.example'],
    ['ws://127.0.0.1:7777', 'ws://127.0.0.1:7777'],
    ['ws://[::1]:7777/', 'ws://[::1]:7777'],
    ['wss://relay.example/Path/', 'wss://relay.example/Path/'],
    ['wss://relay.example/?key=A', 'wss://relay.example/?key=A'],
    ['wss://relay.example?', 'wss://relay.example'],
    ['wss://bücher.example', 'wss://xn--bcher-kva.example'],
    ['wss://relay.example/@me', 'wss://relay.example/@me'],
  ])('%s is kept as %s', (text, url) => {
    expect(parseRelayUrl(text)).toEqual({ ok: true, url });
    expect(parseRelayUrl(url)).toEqual({ ok: true, url });
  });

  const NO_URL = 'not an absolute wss:// or ws:// URL';
  test.each([
    ['', NO_URL],
    ['relay.example', NO_URL],
    ['//relay.example', NO_URL],
    ['https://relay.example', NO_URL],
    ['wss:relay.example', NO_URL],
    ['wss://', NO_URL],
    ['wss:///path', NO_URL],
    ['wss://?query', NO_URL],
    ['wss://relay.example:99999', NO_URL],
    ['wss://re lay.example', NO_URL],
    [' wss://relay.example', NO_URL],
    ['wss://relay.example\n', NO_URL],
    ['wss://relay.example\\path', NO_URL],
    ['wss://me@relay.example', 'holds a user name or password'],
    ['wss://me:secret@relay.example/', 'holds a user name or password'],
    ['wss://@relay.example', 'holds a user name or password'],
    ['wss://relay.example/#part', 'holds a fragment'],
    ['wss://relay.example/#', 'holds a fragment'],
    [`wss://relay.example/${'a'.repeat(493)}`, 'longer than 512 bytes'],
    [`wss://relay.example/${'ü'.repeat(247)}`, 'longer than 512 bytes'],
    [`wss://relay.example/${'ü'.repeat(100)}`, 'longer than 512 bytes'],
  ])('%j is refused: %s', (text, reason) => {
    expect(parseRelayUrl(text)).toEqual({ ok: false, reason });
  });

  test('may have 512 bytes', () => {
    expect(parseRelayUrl(`wss://relay.example/${'a'.repeat(492)}`)).toMatchObject({ ok: true });
  });
});

test('of several, the valid ones are kept, each once, in order, up to the limit', () => {
  const texts = [
    'wss://b.example/',
    'nonsense',
    undefined,
    'wss://a.example',
    'wss://B.example',
    'wss://c.example',
  ];
  expect(validRelayUrls(texts, 10)).toEqual(['wss://b.example', 'wss://a.example', 'wss://c.example']);
  expect(validRelayUrls(texts, 2)).toEqual(['wss://b.example', 'wss://a.example']);
});
