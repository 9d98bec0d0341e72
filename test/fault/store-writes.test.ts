import { MemoryLevel } from 'memory-level';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { noticeOf, testSealer } from '../support/state.ts';

/** As LevelDB words what the operating system told it. */
const levelError = (text: string): Error =>
  Object.assign(new Error(`IO error: /state/store/000003.log: ${text}`), { code: 'LEVEL_IO_ERROR' });

/** A store that holds one notice, over a disk that fails every write from now on. */
async function createFailing(text: string) {
  const location = new MemoryLevel<string, Uint8Array>({ keyEncoding: 'utf8', valueEncoding: 'view' });
  const open = () => openStore({ location, sealer: testSealer() });
  const store = await open();
  const write = (seq: number) => store.update('receipt', async (tx) => tx.notices.put(seq, noticeOf(seq)));
  await write(1);
  const { batch } = location;
  const repair = (): void => {
    location.batch = batch;
  };
  location.batch = (): never => {
    throw levelError(text);
  };
  return { store, open, write, repair };
}

describe('a write that the disk refuses', () => {
  it.each([
    ['No space left on device', 'disk_full', 'free some space'],
    ['Disk quota exceeded', 'disk_full', 'free some space'],
    ['Input/output error', 'store_unavailable', 'see to the disk'],
  ])('with "%s" is reported as %s, with the way out', async (text, code, repair) => {
    const { write } = await createFailing(text);
    await expect(write(2)).rejects.toMatchObject({
      code,
      message: expect.stringContaining('writing "receipt"'),
      repair: expect.stringContaining(repair),
    });
  });

  it('stops all further writes, not the reads, until the store is opened again', async () => {
    const { store, open, write, repair } = await createFailing('No space left on device');
    await expect(write(2)).rejects.toMatchObject({ code: 'disk_full' });
    repair();
    await expect(write(3)).rejects.toMatchObject({
      code: 'store_unavailable',
      repair: expect.stringContaining('restart dialogd'),
    });
    await expect(store.compactPrivateKeys()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await store.read((view) => view.notices.list())).toEqual([noticeOf(1)]);

    const reopened = await open();
    await reopened.update('receipt', async (tx) => tx.notices.put(4, noticeOf(4)));
    expect(await reopened.read((view) => view.notices.list())).toEqual([noticeOf(1), noticeOf(4)]);
  });
});
