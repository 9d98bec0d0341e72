import { expect, it } from 'vitest';
import { crc32c } from '../../../src/store/crc32c.ts';

it.each([
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 ascending bytes', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ['nothing', new Uint8Array(), 0],
])('the CRC-32C of %s is that of RFC 3720 appendix B.4', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});
