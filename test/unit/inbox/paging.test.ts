import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UnixSeconds } from '../../../src/ids.ts';
import { type PageFacts, stepAfter, type Walk, walkFrom } from '../../../src/inbox/paging.ts';

interface Stored {
  readonly id: string;
  readonly createdAt: UnixSeconds;
}

/** How a relay answers, within what NIP-01 leaves open. */
interface Habits {
  readonly cap: number;
  readonly order: 'newest' | 'oldest' | 'scattered';
  readonly repeats: boolean;
  /** Events that fit a page's bytes. */
  readonly fit: number;
}

function answer(stored: readonly Stored[], walk: Walk, { cap, order, repeats, fit }: Habits): PageFacts {
  const newest = stored
    .filter(({ createdAt }) => walk.until === undefined || createdAt <= walk.until)
    .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1))
    .slice(0, Math.min(cap, walk.limit));
  const sent = [...newest];
  if (order === 'oldest') sent.reverse();
  if (order === 'scattered') sent.sort((a, b) => (hash(a.id) < hash(b.id) ? -1 : 1));
  if (repeats) sent.push(...sent.slice(0, 3));
  const overflow = sent.length > fit;
  return { items: sent.slice(0, fit), overflow, unasked: false };
}

const hash = (id: string): number => (Number(id) * 7_919) % 1_009;

function readAll(stored: readonly Stored[], habits: Habits) {
  const taken = new Set<string>();
  let walk = walkFrom(undefined);
  for (let pages = 1; pages <= 5_000; pages++) {
    const page = answer(stored, walk, habits);
    for (const { id } of page.items) taken.add(id!);
    const step = stepAfter(walk, page);
    if (step.kind !== 'next') return { step, taken, pages };
    walk = step.walk;
  }
  throw new Error('the reading has no end');
}

const events = (dates: readonly number[]): Stored[] =>
  dates.map((date, i) => ({ id: String(i), createdAt: date as UnixSeconds }));
const plain: Habits = { cap: 500, order: 'newest', repeats: false, fit: 10_000 };
const page = (items: PageFacts['items'], more: Partial<PageFacts> = {}): PageFacts => ({
  items,
  overflow: false,
  unasked: false,
  ...more,
});
const item = (id: string | undefined, date: number | undefined) => ({
  id,
  createdAt: date as UnixSeconds | undefined,
});

describe('reading the stored gift wraps of a relay page by page', () => {
  test.each([500, 100, 20, 2])('brings all 2,500 from one that hands out %i at once', (cap) => {
    const { taken, step } = readAll(events(Array.from({ length: 2_500 }, (_, i) => i)), { ...plain, cap });
    expect(taken.size).toBe(2_500);
    expect(step).toEqual({ kind: 'end', hidden: [] });
  });

  test('whatever order, cap, repeats and page size: everything is brought, or the seconds that hide the rest are named', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1_000, max: 1_012 }), { maxLength: 400 }),
        fc.record({
          cap: fc.integer({ min: 20, max: 50 }),
          order: fc.constantFrom('newest' as const, 'oldest' as const, 'scattered' as const),
          repeats: fc.boolean(),
          // At least what a page of one may bring with its repeats.
          fit: fc.integer({ min: 4, max: 60 }),
        }),
        (dates, habits) => {
          const stored = events(dates);
          const { taken, step } = readAll(stored, habits);
          const missed = new Set(stored.filter(({ id }) => !taken.has(id)).map(({ createdAt }) => createdAt));
          const named = new Set(step.kind === 'end' ? step.hidden : []);
          for (const second of missed) expect(named).toContain(second);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('names no second of an inbox that is simply small', () => {
    const { step } = readAll(events([5, 5, 5]), plain);
    expect(step).toEqual({ kind: 'end', hidden: [] });
  });

  test('names the second of which a relay holds more than a page, and reads on below it', () => {
    const stored = events([...Array.from({ length: 60 }, () => 900), 800, 700]);
    const { taken, step } = readAll(stored, { ...plain, cap: 50 });
    expect(step).toEqual({ kind: 'end', hidden: [900] });
    expect(taken.size).toBe(52);
  });

  test('counts what was skipped as part of the page: a page of nothing else is not the end', () => {
    const walk = walkFrom(undefined);
    expect(stepAfter(walk, page([item('a', 100), item(undefined, 90)]))).toMatchObject({
      kind: 'next',
      walk: { until: 90 },
    });
  });

  test('does not get lost where nothing that came can be read', () => {
    expect(stepAfter(walkFrom(undefined), page([item(undefined, undefined)]))).toEqual({
      kind: 'stuck',
      reason: 'its events cannot be read',
    });
  });

  test('says so of a relay that answers with the newest whatever it is asked', () => {
    const walk = { ...walkFrom(100 as UnixSeconds), before: new Set(['a']) };
    expect(stepAfter(walk, page([item('a', 100)], { unasked: true }))).toEqual({
      kind: 'stuck',
      reason: 'it does not honour until',
    });
  });
});
