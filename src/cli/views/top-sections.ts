/** The tables of `dialogctl top`: what stands in their columns, and how wide those are. */
import { inWords } from '../../durations.ts';
import { short } from '../../ids.ts';
import type { Result } from '../../ipc/protocol/methods.ts';
import { cellsOf, fill, type Part } from '../cells.ts';
import type { Notice } from '../recent-notices.ts';
import type { Paint } from '../terminal.ts';
import { spaced, when } from '../words.ts';
import { acceptedBy, type KeyPackage, statePaint } from './key-packages.ts';
import { phasePaint, phaseText, relayNotes } from './relays.ts';
import { severityPaint } from './view.ts';

type Formatter = NonNullable<Part[1]>;
type Warning = Result<'daemon.status'>['health']['warnings'][number];
type Relay = Result<'relays.list'>['relays'][number];

/** Rows under a line of heads. */
export interface Section {
  readonly head: readonly Part[];
  readonly rows: readonly (readonly Part[])[];
  /** So many rows are worth more than a full table elsewhere: at least, and then. */
  readonly least: readonly [number, number];
  /** Nobody has to be told that there are more. */
  readonly endless?: true;
}

interface Column<T> {
  readonly head: string;
  /** What stands there; `cells` is what an elastic column has got. */
  text(row: T, cells: number): string;
  paint?(row: T): Formatter;
  /** Takes what the others leave. */
  readonly elastic?: boolean;
}

const GAP = '  ';
const MARGIN = ' ';
const MIN_ELASTIC = 8;
const MAX_COLUMN = 40;
/** A KeyPackage that ends this soon is to be seen from afar (the condition `expiring`), in seconds. */
const ENDS_SOON_SEC = 3 * 86_400;

const CURRENT: readonly KeyPackage['state'][] = ['generated', 'published', 'confirmed'];
const isCurrent = ({ state }: KeyPackage): boolean => CURRENT.includes(state);

export function warningSection(
  warnings: readonly Warning[],
  now: number,
  width: number,
  paint: Paint,
): Section {
  const columns: Column<Warning>[] = [
    {
      head: 'WARNING',
      text: ({ severity }) => severity,
      paint: ({ severity }) => severityPaint(paint, severity),
    },
    { head: 'FOR', text: ({ since }) => inWords(now - since) },
    { head: '', text: ({ message, repair }) => `${message.replace(/\.$/, '')}; ${repair}`, elastic: true },
  ];
  return { ...tableOf(columns, warnings, width, paint), least: [2, 6] };
}

/** Current ones first, then those whose keys are only kept. */
export function packageSection(
  packages: readonly KeyPackage[],
  now: number,
  width: number,
  paint: Paint,
): Section {
  const columns: Column<KeyPackage>[] = [
    { head: 'PACKAGE', text: ({ ref }) => short(ref) },
    { head: 'KIND', text: ({ kind }) => spaced(kind) },
    { head: 'STATE', text: ({ state }) => state, paint: ({ state }) => statePaint(paint, state) },
    {
      head: 'LIFETIME',
      text: (keyPackage, cells) => lifetimeBar(keyPackage, now, cells),
      paint: ({ notAfter }) => (notAfter - now < ENDS_SOON_SEC ? paint.red : paint.cyan),
      elastic: true,
    },
    { head: 'AGE', text: ({ createdAt }) => inWords(now - createdAt) },
    { head: 'REFRESH', text: (keyPackage) => refreshText(keyPackage, now) },
    { head: 'ENDS', text: ({ notAfter }) => (notAfter <= now ? 'ended' : inWords(notAfter - now)) },
    { head: 'RELAYS', text: acceptedBy },
  ];
  const current = packages.filter(isCurrent);
  const older = packages.filter((keyPackage) => !isCurrent(keyPackage));
  return { ...tableOf(columns, [...current, ...older], width, paint), least: [4, current.length] };
}

function refreshText(keyPackage: KeyPackage, now: number): string {
  if (!isCurrent(keyPackage)) return '-';
  return keyPackage.renewAt <= now ? 'due' : inWords(keyPackage.renewAt - now);
}

/** From when it was made to its end: what has passed as #, and | where age asks for the next one. */
export function lifetimeBar(keyPackage: KeyPackage, now: number, cells: number): string {
  const { createdAt, notAfter, renewAt } = keyPackage;
  const inner = Math.max(1, cells - 2);
  const cellAt = (at: number): number => {
    const passed = notAfter <= createdAt ? 1 : (at - createdAt) / (notAfter - createdAt);
    return Math.min(inner, Math.max(0, Math.floor(passed * inner)));
  };
  const bar = [...'#'.repeat(cellAt(now)).padEnd(inner, '.')];
  if (isCurrent(keyPackage)) bar[Math.min(cellAt(renewAt), inner - 1)] = '|';
  return `[${bar.join('')}]`;
}

export function relaySection(relays: readonly Relay[], now: number, width: number, paint: Paint): Section {
  const columns: Column<Relay>[] = [
    { head: 'RELAY', text: ({ url }) => url },
    { head: 'ROLES', text: ({ roles }) => roles.join(' ') },
    {
      head: 'CONNECTION',
      text: (relay) => phaseText(relay, now),
      paint: ({ phase }) => phasePaint(paint, phase),
    },
    { head: 'NOTE', text: relayNotes, elastic: true },
  ];
  return { ...tableOf(columns, relays, width, paint), least: [3, 6] };
}

/** Newest first. */
export function noticeSection(notices: readonly Notice[], now: number, width: number, paint: Paint): Section {
  const columns: Column<Notice>[] = [
    { head: 'NOTICE', text: ({ at }) => when(Math.min(at, now), now) },
    { head: '', text: ({ severity }) => severity, paint: ({ severity }) => severityPaint(paint, severity) },
    { head: '', text: ({ code }) => code },
    { head: '', text: ({ message }) => message, elastic: true },
  ];
  return { ...tableOf(columns, notices.toReversed(), width, paint), least: [2, 4], endless: true };
}

/** Every column as wide as it needs to be, and the elastic one as wide as the rest allows. */
function tableOf<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  width: number,
  paint: Paint,
): Pick<Section, 'head' | 'rows'> {
  const natural = columns.map(({ head, text, elastic }) =>
    elastic
      ? 0
      : Math.min(MAX_COLUMN, Math.max(cellsOf(head), ...rows.map((row) => cellsOf(text(row, MAX_COLUMN))))),
  );
  const taken = natural.reduce((sum, cells) => sum + cells + GAP.length, MARGIN.length - GAP.length);
  const cells = natural.map((own, index) =>
    columns[index]?.elastic ? Math.max(MIN_ELASTIC, width - taken) : own,
  );
  const line = (part: (column: Column<T>, cells: number) => Part): Part[] => [
    [MARGIN],
    ...columns.flatMap((column, index): Part[] => [
      ...(index === 0 ? [] : [[GAP] as const]),
      part(column, cells[index] ?? 0),
    ]),
  ];
  return {
    head: line(({ head }, own) => [fill(head, own), paint.bold]),
    rows: rows.map((row) =>
      line((column, own) => [fill(column.text(row, own), own), column.paint?.(row)] as Part),
    ),
  };
}
