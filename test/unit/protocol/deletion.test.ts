import { expect, test } from 'vitest';
import { deletionTemplate } from '../../../src/protocol/deletion.ts';
import { account, at, NOW, SLOT, templateOf } from './samples.ts';

const revoked = account.sign(templateOf());

test('a revoked package is named by its event, its address and its kind', () => {
  expect(deletionTemplate(revoked, undefined, at(NOW + 60))).toEqual({
    kind: 5,
    created_at: NOW + 60,
    tags: [
      ['e', revoked.id],
      ['a', `30443:${account.publicKey}:${SLOT}`],
      ['k', '30443'],
    ],
    content: '',
  });
});

test('a deletion is dated before the replacement, which its address would take with it otherwise', () => {
  const replacement = account.sign(templateOf(undefined, at(NOW + 1)));
  const { created_at } = deletionTemplate(revoked, replacement, at(NOW + 60));
  expect(created_at).toBe(NOW);
});

test('a deletion is not older than what it deletes, even when the clock went back', () => {
  expect(deletionTemplate(revoked, undefined, at(NOW - 60)).created_at).toBe(NOW);
});
