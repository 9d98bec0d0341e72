import { cp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/ports.ts';
import { createDiskHome, privatePackageOf, refOf } from '../support/state.ts';

/** Sealed values begin with a random nonce, so that so many bytes tell them apart. */
const PREFIX_LENGTH = 28;
const names = ['a', 'b', 'c'];

let home: Awaited<ReturnType<typeof createDiskHome>>;
let store: Store;
/** How each private package begins as it lies on the disk. */
let sealed: Map<string, Buffer>;

beforeEach(async () => {
  home = await createDiskHome();
  store = await home.open();
  await store.update('stage', async (tx) => {
    for (const name of names) tx.privateKeyPackages.put(refOf(name), privatePackageOf(name));
  });
  sealed = await sealedPackages();
});
afterEach(async () => {
  await store.close();
  await home.remove();
});

async function reopen(): Promise<void> {
  await store.close();
  store = await home.open();
}

/** Read from a copy, so that LevelDB keeps in its log what is in its log. */
async function sealedPackages(): Promise<Map<string, Buffer>> {
  const copy = `${home.stateDir}.copy`;
  await cp(join(home.stateDir, 'store'), copy, { recursive: true });
  const level = new Level<string, Buffer>(copy, { valueEncoding: 'buffer' });
  const values = await level.getMany(names.map((name) => `privateKeyPackages!${name}`));
  await level.close();
  await rm(copy, { recursive: true });
  return new Map(names.map((name, i) => [name, values[i]!.subarray(0, PREFIX_LENGTH)]));
}

/** The packages of which anything is left in any file of the state directory. */
async function recoverable(): Promise<string[]> {
  const files: Buffer[] = [];
  for (const name of await readdir(home.stateDir, { recursive: true })) {
    const path = join(home.stateDir, name);
    if ((await stat(path)).isFile()) files.push(await readFile(path));
  }
  return names.filter((name) => files.some((file) => file.includes(sealed.get(name)!)));
}

const erase = (...gone: readonly string[]): Promise<void> =>
  store.update('erase', async (tx) => {
    for (const name of gone) tx.privateKeyPackages.delete(refOf(name));
  });

describe.each([
  ['while LevelDB has them in its log', async () => {}],
  ['after LevelDB has moved them to a table', reopen],
])('private keys that are erased %s', (_, prepare) => {
  beforeEach(prepare);

  it('are in no file any more after compaction, and the others are', async () => {
    await erase('a', 'c');
    expect(await recoverable()).toEqual(['a', 'b', 'c']);
    await store.compactPrivateKeys();
    expect(await recoverable()).toEqual(['b']);
    expect(await store.read((view) => view.privateKeyPackages.get(refOf('b')))).toEqual(
      privatePackageOf('b'),
    );
  });

  it('are in no file either when nothing was left beside them', async () => {
    await erase(...names);
    await store.compactPrivateKeys();
    expect(await recoverable()).toEqual([]);
  });

  it('are gone one at a time, to whatever level the others have moved meanwhile', async () => {
    const left = [...names];
    while (left.length > 0) {
      await erase(left.pop()!);
      await store.compactPrivateKeys();
      expect(await recoverable()).toEqual(left);
    }
  });

  it('are gone after the next start when the process died between erasure and compaction', async () => {
    await erase('b');
    await reopen();
    expect(await recoverable()).toEqual(['a', 'c']);
  });

  it('are gone after the next start also when they were overwritten before', async () => {
    await store.update('stage', async (tx) => tx.privateKeyPackages.put(refOf('a'), privatePackageOf('a')));
    await reopen();
    expect(await recoverable()).toEqual(['b', 'c']);
  });

  it('are still seen by a reader that began before, and gone when that has ended', async () => {
    let compacted: Promise<void> | undefined;
    await store.read(async (view) => {
      await view.notices.count();
      await erase('a');
      compacted = store.compactPrivateKeys();
      expect(await view.privateKeyPackages.get(refOf('a'))).toEqual(privatePackageOf('a'));
    });
    await compacted;
    expect(await recoverable()).toEqual(['b', 'c']);
  });
});
