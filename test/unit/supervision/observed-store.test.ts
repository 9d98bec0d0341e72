import { expect, test } from 'vitest';
import { observed } from '../../../src/supervision/observed-store.ts';
import { openMemoryStore } from '../../support/store.ts';

test('its beat is busy while a commit is under way, and moves on when it ends, well or not', async () => {
  let committed = 0;
  const store = observed(await openMemoryStore(), () => {
    committed += 1;
  });
  expect(store.beat()).toEqual({ busy: false, count: 0 });

  let proceed = () => {};
  const held = new Promise<void>((resolve) => {
    proceed = resolve;
  });
  const first = store.update('settings', () => held);
  const second = store.update('settings', () => Promise.reject(new Error('refused')));
  expect(store.beat()).toEqual({ busy: true, count: 0 });
  proceed();
  await first;
  await expect(second).rejects.toThrow('refused');
  expect(store.beat()).toEqual({ busy: false, count: 2 });
  expect(committed).toBe(1);
  await store.close();
});
