import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import type { PublicKey } from '../../../src/ids.ts';
import {
  adminPolicy,
  agentTextStream,
  avatarUrl,
  type ComponentCodec,
  checkComponent,
  groupContextExtensions,
  groupProfile,
  lifecycle,
  messageRetention,
  nostrRouting,
  requiredComponents,
} from '../../../src/protocol/group-components.ts';

const malformed = expect.objectContaining({ code: 'malformed' });
const key = (digit: string): PublicKey => digit.repeat(64) as PublicKey;
const text = (length: number): string => 'x'.repeat(length);

/** One value and its bytes: [codec, value, hex]. */
const samples: [string, ComponentCodec<never>, unknown, string][] = [
  ['app_components', requiredComponents as never, [0x8001, 0x8003], '0480018003'],
  ['group profile', groupProfile as never, { name: 'A', description: 'é' }, '014102c3a9'],
  ['admin policy', adminPolicy as never, [key('1'), key('2')], `4040${'11'.repeat(32)}${'22'.repeat(32)}`],
  [
    'Nostr routing',
    nostrRouting as never,
    { nostrGroupId: 'ab'.repeat(32), relays: ['wss://a.b', 'wss://a.c'] },
    `${'ab'.repeat(32)}14097773733a2f2f612e62097773733a2f2f612e63`,
  ],
  ['message retention', messageRetention as never, 86_400n, '0000000000015180'],
  [
    'agent text stream',
    agentTextStream as never,
    { required: 1, allowed: 3, maxFrame: 4_096, ttl: 0, padding: 0 },
    '010300001000000000000000',
  ],
  [
    'avatar url',
    avatarUrl as never,
    { url: 'https://a', dimensions: '1x1', thumbhash: Uint8Array.of(7) },
    '0968747470733a2f2f61033178310107',
  ],
  ['lifecycle', lifecycle as never, 'disbanded', '01'],
];

describe.each(samples)('%s', (_, codec, value, hex) => {
  test('is written and read as specified', () => {
    expect(bytesToHex(codec.encode(value as never))).toBe(hex);
    expect(codec.decode(hexToBytes(hex))).toEqual(value);
  });

  test('with a byte too many or too few is malformed', () => {
    expect(() => codec.decode(hexToBytes(`${hex}00`))).toThrow(malformed);
    expect(() => codec.decode(hexToBytes(hex.slice(0, -2)))).toThrow(malformed);
    expect(() => checkComponent({ id: codec.id, data: hexToBytes(`${hex}00`) })).toThrow(malformed);
  });
});

describe('what is not canonical is malformed', () => {
  const twice = `4040${'22'.repeat(64)}`;
  const descending = `4040${'22'.repeat(32)}${'11'.repeat(32)}`;
  const routing = (...relays: string[]) => nostrRouting.encode({ nostrGroupId: 'ab'.repeat(32), relays });
  const cases: [string, () => unknown][] = [
    ['an admin twice', () => adminPolicy.decode(hexToBytes(twice))],
    ['admins out of order', () => adminPolicy.decode(hexToBytes(descending))],
    ['a component twice', () => requiredComponents.decode(hexToBytes('0480018001'))],
    [
      'a name over 256 bytes',
      () => groupProfile.decode(groupProfile.encode({ name: text(257), description: '' })),
    ],
    [
      'a description over 4,096 bytes',
      () => groupProfile.decode(groupProfile.encode({ name: '', description: text(4_097) })),
    ],
    ['a name that is not UTF-8', () => groupProfile.decode(hexToBytes('01ff00'))],
    ['relays out of order', () => nostrRouting.decode(routing('wss://b', 'wss://a'))],
    ['a relay that is no address', () => nostrRouting.decode(routing('https://a'))],
    ['a lifecycle of neither kind', () => lifecycle.decode(Uint8Array.of(2))],
  ];
  test.each(cases)('%s', (_, decode) => expect(decode).toThrow(malformed));
});

test('a byte order mark in a name is part of the name', () => {
  const profile = { name: '\ufeffA', description: '' };
  expect(groupProfile.decode(groupProfile.encode(profile))).toEqual(profile);
});

test('components that we cannot read are left as they are', () => {
  expect(() => checkComponent({ id: 0x9999, data: Uint8Array.of(1) })).not.toThrow();
});

test('the extensions of a new group: required capabilities, then the dictionary', () => {
  const extensions = groupContextExtensions([{ id: lifecycle.id, data: Uint8Array.of(0) }]);
  expect(extensions.map(({ type, data }) => [type, bytesToHex(data)])).toEqual([
    [0x0003, '0200060400080' + '00a00'],
    [0x0006, '04800c0100'],
  ]);
});
