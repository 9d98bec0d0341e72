import { cp, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryLevel } from 'memory-level';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DaemonError } from '../../src/errors.ts';
import type { Store } from '../../src/ports.ts';
import { openStore } from '../../src/store/store.ts';
import { createSeededRandom, drawBelow } from '../support/random.ts';
import { createDiskHome, noticeOf, privatePackageOf, refOf, testSealer } from '../support/state.ts';

/** LevelDB's lock and its informal logs. */
const WORTHLESS = /(^|\/)(LOCK|LOG|LOG\.old)$/;
const COMMITS_PER_OPENING = 8;
/** Flipped bits tried in each file. */
const FLIPS = 25;

const home = await createDiskHome();
const copy = `${home.stateDir}.copy`;
let whole: unknown;

/** Two table files, a log, and a witness of all of it. */
beforeAll(async () => {
  for (let opening = 0; opening < 3; opening++) {
    const store = await home.open();
    for (let i = 1; i <= COMMITS_PER_OPENING; i++) {
      const seq = opening * COMMITS_PER_OPENING + i;
      await store.update('stage', async (tx) => {
        tx.notices.put(seq, noticeOf(seq));
        tx.privateKeyPackages.put(refOf(`package ${seq}`), privatePackageOf(`package ${seq}`));
      });
    }
    whole = await content(store);
    await store.close();
  }
});
afterAll(home.remove);

const content = (store: Store): Promise<unknown> =>
  store.read(async ({ notices, privateKeyPackages }) => [
    await notices.list(),
    await notices.list({ reverse: true }),
    await privateKeyPackages.list(),
    await Promise.all((await notices.list()).map(({ seq }) => notices.get(seq))),
    await notices.count(),
  ]);

/** Relative paths; what lies in no subdirectory is the witness and files of no weight. */
const filesIn = async (directory: string): Promise<string[]> =>
  (await readdir(directory, { recursive: true })).filter(
    (file) => (file === 'witness' || file.includes('/')) && !WORTHLESS.test(file),
  );

const bytesIn = async (directory: string): Promise<ReadonlyMap<string, string>> =>
  new Map(
    await Promise.all(
      (await filesIn(directory)).map(
        async (file) => [file, await readFile(join(directory, file), 'latin1')] as const,
      ),
    ),
  );

/** Does this to a copy of the state directory, and tells what opening that comes to. */
async function openAfter(accident: (stateDir: string) => Promise<unknown>): Promise<'whole' | 'damaged'> {
  await rm(copy, { recursive: true, force: true });
  await cp(home.stateDir, copy, { recursive: true });
  await accident(copy);
  const found = await bytesIn(copy);
  const outcome = await openStore({ location: { path: copy }, sealer: testSealer() }).catch(
    (error: DaemonError) => error,
  );
  if (outcome instanceof DaemonError) {
    expect(outcome).toMatchObject({ code: 'store_damaged', repair: expect.stringContaining('backup') });
    expect(await bytesIn(copy)).toEqual(found);
    return 'damaged';
  }
  expect(await content(outcome)).toEqual(whole);
  await outcome.close();
  return 'whole';
}

async function theFile(pattern: RegExp): Promise<string> {
  const found = (await filesIn(home.stateDir)).find((file) => pattern.test(file));
  if (found === undefined) throw new Error(`no file like ${pattern}`);
  return found;
}

const flipBit = async (file: string, position: number): Promise<void> => {
  const bytes = await readFile(file);
  bytes[position >> 3]! ^= 1 << (position & 7);
  await writeFile(file, bytes);
};

describe.each([
  ['the log', /^store\/\d+\.log$/],
  ['a table', /^store\/\d+\.ldb$/],
  ["LevelDB's manifest", /^store\/MANIFEST-\d+$/],
  ['the pointer to it', /^store\/CURRENT$/],
])('%s', (_, pattern) => {
  const openWith = async (accident: (file: string) => Promise<unknown>): Promise<'whole' | 'damaged'> => {
    const name = await theFile(pattern);
    return openAfter((stateDir) => accident(join(stateDir, name)));
  };

  it('with a flipped bit is refused untouched, or nothing was lost by it', async () => {
    const size = (await readFile(join(home.stateDir, await theFile(pattern)))).length;
    const random = createSeededRandom(`flips ${pattern}`);
    const outcomes: string[] = [];
    for (let i = 0; i < FLIPS; i++) {
      const position = drawBelow(random, size * 8);
      outcomes.push(await openWith((file) => flipBit(file, position)));
    }
    expect(outcomes).toContain('damaged');
  });

  it('that lost its end is refused untouched', async () => {
    const size = (await readFile(join(home.stateDir, await theFile(pattern)))).length;
    for (const rest of [size - 1, size >> 1, 0]) {
      expect(await openWith((file) => truncate(file, rest))).toBe('damaged');
    }
  });

  it('is missed when it is gone', async () => {
    expect(await openWith((file) => rm(file))).toBe('damaged');
  });
});

describe('the witness of the last commit', () => {
  const witness = (stateDir: string): string => join(stateDir, 'witness');

  it('may lose any one bit', async () => {
    const { length } = await readFile(witness(home.stateDir));
    const random = createSeededRandom('witness');
    for (let i = 0; i < FLIPS; i++) {
      // The slots are at both ends of the file; between them is nothing.
      const near = drawBelow(random, 96 * 8);
      const position = i % 2 === 0 ? near : length * 8 - 1 - near;
      expect(await openAfter((stateDir) => flipBit(witness(stateDir), position))).toBe('whole');
    }
  });

  it.each<[string, (file: string) => Promise<unknown>]>([
    ['unreadable', (file) => truncate(file, 10)],
    ['gone', (file) => rm(file)],
  ])('is needed: the store is refused when it is %s', async (_, accident) => {
    expect(await openAfter((stateDir) => accident(witness(stateDir)))).toBe('damaged');
  });

  it('of an earlier time shows that files of different times were mixed', async () => {
    const earlier = await readFile(witness(home.stateDir));
    const outcome = await openAfter(async (stateDir) => {
      const store = await openStore({ location: { path: stateDir }, sealer: testSealer() });
      for (let i = 0; i < 3; i++)
        await store.update('settings', async (tx) => tx.meta.put('meta', { generation: i }));
      await store.close();
      await writeFile(witness(stateDir), earlier);
    });
    expect(outcome).toBe('damaged');
  });
});

describe('a state directory', () => {
  it('without its database is not taken for a new one', async () => {
    expect(await openAfter((stateDir) => rm(join(stateDir, 'store'), { recursive: true }))).toBe('damaged');
  });

  it('with the database of an hour ago is refused', async () => {
    const outcome = await openAfter(async (stateDir) => {
      const [current, earlier] = [join(stateDir, 'store'), `${stateDir}.earlier`];
      await cp(current, earlier, { recursive: true });
      const store = await openStore({ location: { path: stateDir }, sealer: testSealer() });
      await store.update('settings', async (tx) => tx.notices.put(99, noticeOf(99)));
      await store.close();
      await rm(current, { recursive: true });
      await rename(earlier, current);
    });
    expect(outcome).toBe('damaged');
  });
});

describe('an opening that was killed', () => {
  it('while LevelDB was clearing up begins anew from the files as they were found', async () => {
    const outcome = await openAfter(async (stateDir) => {
      await rename(join(stateDir, 'store'), join(stateDir, 'store.as-found'));
      await mkdir(join(stateDir, 'store'));
      await writeFile(join(stateDir, 'store', '000099.log'), 'half');
    });
    expect(outcome).toBe('whole');
  });

  it.each(['new', 'old'])('while files were kept or released leaves nothing behind (.%s)', async (stage) => {
    const remains = (stateDir: string) => join(stateDir, `store.as-found.${stage}`);
    const outcome = await openAfter(async (stateDir) => {
      await mkdir(remains(stateDir));
      await writeFile(join(remains(stateDir), '000003.log'), 'half');
    });
    expect(outcome).toBe('whole');
    await expect(readdir(remains(copy))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('in the middle of a new table is not taken for damage, be its number used again or not', async () => {
    const files = await filesIn(home.stateDir);
    const newest = Math.max(...files.map((file) => Number(/(\d+)\./.exec(file)?.[1] ?? 0)));
    const table = await readFile(join(home.stateDir, await theFile(/\.ldb$/)));
    const outcome = await openAfter(async (stateDir) => {
      for (let number = newest + 1; number < newest + 8; number++) {
        const name = `${number}.ldb`.padStart(10, '0');
        await writeFile(join(stateDir, 'store', name), table.subarray(0, table.length >> 1));
      }
    });
    expect(outcome).toBe('whole');
  });
});

it('a record that turns unreadable while the store is open is damage too, for readers and writers', async () => {
  const location = new MemoryLevel<string, Uint8Array>({ keyEncoding: 'utf8', valueEncoding: 'view' });
  const store = await openStore({ location, sealer: testSealer() });
  await store.update('stage', async (tx) => tx.notices.put(1, noticeOf(1)));
  const [key] = await location.keys({ gt: 'notices!', lt: 'notices"' }).all();
  await location.put(key!, Uint8Array.of(1, 2, 3));
  const damage = { code: 'store_damaged', repair: expect.stringContaining('backup') };
  await expect(store.read(({ notices }) => notices.list())).rejects.toMatchObject(damage);
  await expect(store.update('sweep', (tx) => tx.notices.get(1))).rejects.toMatchObject(damage);
  await store.close();
});
