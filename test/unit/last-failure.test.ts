import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DaemonError } from '../../src/errors.ts';
import { unixSeconds } from '../../src/ids.ts';
import { forgetLastFailure, leaveLastFailure, readLastFailure } from '../../src/last-failure.ts';

const NOW = unixSeconds(1_800_000_000);
const damage = new DaemonError('store_damaged', 'a record is unreadable', { repair: 'restore a backup' });

let stateDir: string;
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'dialogd-'));
});
afterEach(() => rm(stateDir, { recursive: true }));

test('an error that ends the daemon is there to be read, privately, until it is forgotten', async () => {
  leaveLastFailure(stateDir, damage, 65, NOW);
  const { code, message } = damage;
  const left = { at: NOW, code, message, repair: 'restore a backup', exitCode: 65 };
  expect(await readLastFailure(stateDir)).toEqual(left);
  expect(((await stat(join(stateDir, 'last-failure.json'))).mode & 0o777).toString(8)).toBe('600');
  forgetLastFailure(stateDir);
  expect(await readdir(stateDir)).toEqual([]);
  expect(await readLastFailure(stateDir)).toBeUndefined();
});

test('the newest takes the place of the one before', async () => {
  leaveLastFailure(stateDir, damage, 65, NOW);
  leaveLastFailure(stateDir, new DaemonError('disk_full', 'no space'), 74, NOW);
  expect(await readLastFailure(stateDir)).toEqual({
    at: NOW,
    code: 'disk_full',
    message: 'no space',
    exitCode: 74,
  });
  expect(await readdir(stateDir)).toHaveLength(1);
});

test('the words of a bug are not kept: nobody knows what is in them', async () => {
  leaveLastFailure(stateDir, new Error('nsec1canary'), 70, NOW);
  expect(JSON.stringify(await readLastFailure(stateDir))).not.toContain('canary');
  expect(await readLastFailure(stateDir)).toMatchObject({ code: 'internal', exitCode: 70 });
});

test('a second daemon on a state in use leaves no word: the first one runs', async () => {
  leaveLastFailure(stateDir, new DaemonError('already_running', 'another dialogd'), 75, NOW);
  expect(await readLastFailure(stateDir)).toBeUndefined();
});

test('neither a missing directory nor a damaged file is an error of its own', async () => {
  leaveLastFailure(join(stateDir, 'nowhere'), damage, 65, NOW);
  expect(await readLastFailure(join(stateDir, 'nowhere'))).toBeUndefined();
  await writeFile(join(stateDir, 'last-failure.json'), '{"at":');
  expect(await readLastFailure(stateDir)).toBeUndefined();
});
