import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { giveUpReserve, mindReserve, reserveAction } from '../../../src/store/reserve.ts';

const MIB = 1024 * 1024;
const disk = (freeMib: number, totalMib = 1_000) => ({
  freeBytes: freeMib * MIB,
  totalBytes: totalMib * MIB,
});

describe('the space set aside for a full disk', () => {
  test.each([
    ['is made where there is room', false, disk(32), 'make'],
    ['is not made where there is little', false, disk(31), undefined],
    ['is not made on a small disk', false, disk(60, 63), undefined],
    ['stays while the disk is not full', true, disk(4), undefined],
    ['is given up when it nearly is', true, disk(3.9), 'give_up'],
  ] as const)('%s', (_, there, space, action) => {
    expect(reserveAction(there, space)).toBe(action);
  });

  test('is on the disk, is told when it ought to be there and is not, and comes back', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'dialogd-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    expect(await mindReserve(directory, disk(100))).toBe(false);
    const { size, blocks } = await stat(join(directory, 'reserve'));
    expect(size).toBe(8 * MIB);
    expect(blocks * 512).toBeGreaterThanOrEqual(size);
    expect(await mindReserve(directory, disk(1))).toBe(true);
    expect(await giveUpReserve(directory)).toBe(false);
    expect(await mindReserve(directory, disk(10))).toBe(true);
    expect(await mindReserve(directory, disk(100))).toBe(false);
    expect(await mindReserve(directory, disk(10, 60))).toBe(false);
  });
});
