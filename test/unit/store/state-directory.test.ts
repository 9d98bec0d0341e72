import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unixSeconds } from '../../../src/ids.ts';
import { openStateDirectory } from '../../../src/store/state-directory.ts';

const now = unixSeconds(1_800_000_000);
let parent: string;
let path: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'dialogd-'));
  path = join(parent, 'deep', 'state');
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const mode = async (file: string): Promise<string> => ((await stat(file)).mode & 0o777).toString(8);

describe('a state directory', () => {
  it('is created for this user alone, and so is what lies in it', async () => {
    const state = await openStateDirectory({ path, now });
    expect(await mode(path)).toBe('700');
    expect(await mode(join(path, 'holder'))).toBe('600');
    await state.close();
  });

  it('has one user at a time, and tells the second who that is', async () => {
    const first = await openStateDirectory({ path, now });
    await expect(openStateDirectory({ path, now })).rejects.toMatchObject({
      code: 'already_running',
      message: `another dialogd (process ${process.pid}, since 2027-01-15T08:00:00.000Z) uses ${path}`,
    });
    await first.close();
    await (await openStateDirectory({ path, now })).close();
  });

  it('is known to be in use also when its user has not said who it is', async () => {
    const first = await openStateDirectory({ path, now });
    await rm(join(path, 'holder'));
    await expect(openStateDirectory({ path, now })).rejects.toMatchObject({
      code: 'already_running',
      message: `another dialogd uses ${path}`,
    });
    await first.close();
  });

  it('is not held by a process that died', async () => {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await writeFile(join(path, 'holder'), '1 1700000000\n', { mode: 0o600 });
    const state = await openStateDirectory({ path, now });
    expect(await readFile(join(path, 'holder'), 'utf8')).toBe(`${process.pid} ${now}\n`);
    await state.close();
  });

  it('with a damaged lock tells to remove it, since the lock holds nothing', async () => {
    await (await openStateDirectory({ path, now })).close();
    await writeFile(join(path, 'lock', 'CURRENT'), 'nonsense');
    await expect(openStateDirectory({ path, now })).rejects.toMatchObject({
      code: 'store_damaged',
      repair: `remove it: rm -r ${join(path, 'lock')}`,
    });
  });
});

describe('a path that is not private', () => {
  const expectUnsafe = (repair: string) =>
    expect(openStateDirectory({ path, now })).rejects.toMatchObject({ code: 'path_unsafe', repair });

  it.each([0o750, 0o701, 0o770])('is refused with mode %o', async (open) => {
    await mkdir(path, { recursive: true });
    await chmod(path, open);
    await expectUnsafe(`chmod 700 ${path}`);
  });

  it('is refused when it is a symbolic link, even to a private directory', async () => {
    await mkdir(join(parent, 'deep', 'real'), { recursive: true, mode: 0o700 });
    await symlink('real', path);
    await expectUnsafe('name the directory itself');
  });

  it('is refused when it is a file', async () => {
    await mkdir(join(parent, 'deep'));
    await writeFile(path, '', { mode: 0o600 });
    await expectUnsafe('name the directory itself');
  });

  it.skipIf(process.geteuid?.() !== 0)('is refused when it belongs to another user', async () => {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chown(path, 65534, 65534);
    await expectUnsafe(`make it yours: chown 0 ${path}`);
  });
});
