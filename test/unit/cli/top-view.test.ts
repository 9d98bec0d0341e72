import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { cellsOf } from '../../../src/cli/cells.ts';
import { type TopState, topScreen, topText } from '../../../src/cli/views/top.ts';
import { lifetimeBar } from '../../../src/cli/views/top-sections.ts';
import * as samples from '../../support/rpc/samples.ts';

const { NOW } = samples;
const DAY = 86_400;
const plain = pc.createColors(false);

const notices: TopState['notices'] = [1, 2, 3].map((seq) => ({
  seq,
  at: NOW - 60 * (4 - seq),
  code: 'pool_refreshed',
  severity: 'info',
  message: `notice ${seq}`,
}));

const healthy: TopState = {
  answers: { status: samples.status, packages: samples.packages, relays: samples.relays.relays },
  notices,
  trouble: undefined,
  paused: false,
};

/** A pool of eleven with older ones, a warning or two, and texts of every width. */
const full: TopState = {
  ...healthy,
  answers: {
    status: { ...samples.notInvitable, statusLine: '密钥 🔑 '.repeat(20) },
    packages: Array.from({ length: 33 }, (_, index) => ({
      ...samples.packages[index < 11 ? 0 : 2]!,
      ref: (0xaa00 + index).toString(16).padEnd(64, '0'),
    })),
    relays: samples.relays.relays.map((relay) => ({ ...relay, lastError: '한국어 '.repeat(30) })),
  },
};

const draw = (state: TopState, columns: number, rows: number): string[] =>
  topScreen(state, { columns, rows }, plain);

describe('the screen', () => {
  it('of a healthy daemon reads at a glance in 80 columns and 24 rows', () => {
    expect(`\n${draw(healthy, 80, 24).join('\n')}\n`).toMatchSnapshot();
  });

  it.each([
    [80, 24],
    [80, 16],
    [40, 10],
    [132, 50],
    [10, 3],
    [1, 1],
  ])('of %i columns and %i rows is filled exactly, whatever there is to show', (columns, rows) => {
    for (const state of [healthy, full, { ...full, trouble: '密'.repeat(100) }, { ...full, paused: true }]) {
      const lines = draw(state, columns, rows);
      expect(lines).toHaveLength(rows);
      for (const line of lines) expect(cellsOf(line)).toBe(columns);
    }
  });

  it('gives every section its part when there is not room for all, and says what is left out', () => {
    const lines = draw(full, 80, 24);
    for (const head of ['WARNING', 'PACKAGE', 'RELAY', 'NOTICE']) {
      const at = lines.findIndex((line) => line.startsWith(` ${head}`));
      expect(lines[at + 2]?.trim()).not.toBe('');
    }
    expect(lines.filter((line) => line.startsWith(' aa'))).toHaveLength(9);
    expect(lines.join('\n')).toContain(' and 24 more ');
    expect(lines.at(-2)).toContain('notice 2');
  });

  it('shows the newest notice first', () => {
    const shown = draw(healthy, 80, 24).filter((line) => line.includes('notice '));
    expect(shown.map((line) => line.trim().slice(-1))).toEqual(['3', '2', '1']);
  });

  it('says why it has nothing new, and since when, above what was last known', () => {
    const lines = draw({ ...healthy, trouble: 'dialogd has stopped' }, 80, 24);
    expect(lines[0]).toContain('not connected  dialogd has stopped');
    expect(lines[1]).toContain('healthy  11/11 published');
    expect(lines.at(-1)).toContain('as of 08:00:00 UTC');
  });

  it('has only that and the keys before the first answer', () => {
    const lines = draw({ ...healthy, answers: undefined, trouble: 'nobody listens' }, 60, 5);
    expect(lines.map((line) => line.trim())).toEqual([
      'not connected  nobody listens',
      '',
      '',
      '',
      'q quit   r refresh   p pause',
    ]);
  });

  it('colours health and states, and cuts no colour in two', () => {
    const coloured = topScreen(full, { columns: 33, rows: 24 }, pc.createColors(true));
    for (const line of coloured) {
      const escapes = line.split('\u001b').slice(1);
      expect(escapes.length % 2).toBe(0);
      for (const one of escapes) expect(one).toMatch(/^\[\d+m/);
    }
    expect(coloured[0]).toContain('\u001b[31m not invitable \u001b[39m');
  });
});

it('the text for a pipe has every row, and no keys', () => {
  const text = topText(full, 80, plain);
  expect(text.match(/^ aa/gm)).toHaveLength(33);
  expect(text).not.toContain('more');
  expect(text).not.toContain('quit');
  expect(text).not.toMatch(/ $/m);
});

describe('the bar of a lifetime', () => {
  const bar = (age: number, renewAfter: number, state: 'confirmed' | 'retired' = 'confirmed') =>
    lifetimeBar(
      {
        ...samples.packages[0]!,
        state,
        createdAt: NOW - age * DAY,
        renewAt: NOW + (renewAfter - age) * DAY,
        notAfter: NOW + (84 - age) * DAY,
      },
      NOW,
      14,
    );

  it.each([
    ['new', bar(0, 1), '[|...........]'],
    ['in the middle, refreshed monthly', bar(42, 28), '[####|#......]'],
    ['before its refresh', bar(14, 28), '[##..|.......]'],
    ['replaced', bar(42, 28, 'retired'), '[######......]'],
    ['at its end', bar(84, 28), '[####|#######]'],
    ['long past it', bar(200, 300), '[###########|]'],
    ['from a clock that went back', bar(-5, 1), '[|...........]'],
  ])('of a package that is %s', (_what, drawn, expected) => {
    expect(drawn).toBe(expected);
  });

  it('is drawn for a lifetime of nothing and in no room', () => {
    const package0 = { ...samples.packages[0]!, createdAt: NOW, notAfter: NOW, renewAt: NOW };
    expect(lifetimeBar(package0, NOW, 0)).toBe('[|]');
  });
});
