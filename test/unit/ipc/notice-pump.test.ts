import { expect, it } from 'vitest';
import { pumpNotices } from '../../../src/ipc/notice-pump.ts';
import { createNoticeLog } from '../../support/rpc/notice-log.ts';
import { until } from '../../support/until.ts';

it('sends stored notices first, then new ones, each once and in order', async () => {
  const log = createNoticeLog(250);
  const stop = new AbortController();
  const seen: number[] = [];
  const done = pumpNotices(log, 5, stop.signal, async ({ seq }) => void seen.push(seq));
  await until(() => seen.length === 245, 'the stored notices');
  for (let n = 0; n < 3; n++) log.write('later', 'x');
  await until(() => seen.length === 248, 'the new notices');
  stop.abort();
  await done;
  expect(seen).toEqual(Array.from({ length: 248 }, (_, index) => index + 6));
});

it('misses no notice that is written between reading to the end and falling asleep', async () => {
  const log = createNoticeLog(1);
  const stop = new AbortController();
  const seen: number[] = [];
  const lateLog = {
    ...log,
    async read(since: number, limit: number) {
      const page = await log.read(since, limit);
      if (page.length === 0 && since < 5) log.write('late', 'written after the end was read');
      return page;
    },
  };
  const done = pumpNotices(lateLog, 0, stop.signal, async ({ seq }) => void seen.push(seq));
  await until(() => seen.includes(5), 'the last notice');
  stop.abort();
  await done;
  expect(seen).toEqual([1, 2, 3, 4, 5]);
});

it('reads no further while the reader is behind', async () => {
  const log = createNoticeLog(1_000);
  const stop = new AbortController();
  const done = pumpNotices(log, 0, stop.signal, () => new Promise(() => {}));
  await until(() => log.pagesRead === 1, 'the first page');
  log.write('more', 'x');
  expect(log.pagesRead).toBe(1);
  stop.abort();
  expect(await Promise.race([done, 'still waiting for its reader'])).toBe('still waiting for its reader');
});

it('ends when aborted while it waits for news', async () => {
  const stop = new AbortController();
  const log = createNoticeLog();
  const done = pumpNotices(log, 0, stop.signal, async () => {});
  await until(() => log.pagesRead === 1, 'the first look');
  stop.abort();
  await done;
});
