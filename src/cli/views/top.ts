/** `dialogctl top`: everything at a glance, in exactly the room there is. */
import { inWords } from '../../durations.ts';
import type { Result } from '../../ipc/protocol/methods.ts';
import { lineOf, type Part } from '../cells.ts';
import type { Notice } from '../recent-notices.ts';
import type { Size } from '../screen.ts';
import type { Paint } from '../terminal.ts';
import { counted, spaced, whenever } from '../words.ts';
import { healthPaint } from './health.ts';
import { noticeSection, packageSection, relaySection, type Section, warningSection } from './top-sections.ts';

export interface TopAnswers {
  readonly status: Result<'daemon.status'>;
  readonly packages: Result<'keyPackages.list'>['packages'];
  readonly relays: Result<'relays.list'>['relays'];
}

/** What is known, and whether it is still true. */
export interface TopState {
  /** The last that came; ages are counted from the daemon's clock then. */
  readonly answers: TopAnswers | undefined;
  /** Oldest first. */
  readonly notices: readonly Notice[];
  /** Why nothing newer came. */
  readonly trouble: string | undefined;
  readonly paused: boolean;
}

type Line = readonly Part[];

/** One line for each row of the screen, each exactly as wide as it. */
export function topScreen(state: TopState, { columns, rows }: Size, paint: Paint): string[] {
  const header = headerOf(state, paint);
  const body = arranged(sectionsOf(state, columns, paint), rows - header.length - 1, paint);
  const room = Math.max(0, rows - 1);
  const above = [...header, ...body].slice(0, room);
  const blank = Array.from({ length: room - above.length }, (): Line => []);
  return [...above, ...blank, footerOf(state, paint)].slice(-rows).map((line) => lineOf(line, columns));
}

/** The same without an end to the rows, for a pipe or a file. */
export function topText(state: TopState, columns: number, paint: Paint): string {
  const body = arranged(sectionsOf(state, columns, paint), Number.POSITIVE_INFINITY, paint);
  return [...headerOf(state, paint), ...body].map((line) => `${lineOf(line, columns).trimEnd()}\n`).join('');
}

function headerOf({ answers, trouble }: TopState, paint: Paint): Line[] {
  const alarm: Line[] =
    trouble === undefined
      ? []
      : [[[' not connected ', (text) => paint.inverse(paint.red(text))], [` ${trouble}`]]];
  if (answers === undefined) return alarm;
  const { health, statusLine, npub, now, version, startedAt, inbox, nextWakeAt } = answers.status;
  const colour = healthPaint(paint, health.state);
  const facts = [
    `dialogd ${version} since ${inWords(now - startedAt)}`,
    `inbox ${inbox.caughtUp ? 'read' : 'being read'}, ${counted(inbox.pending.count, 'gift wrap')}`,
    `next look ${whenever(nextWakeAt, now)}`,
    npub ?? 'no account yet; run: dialogctl init',
  ];
  return [
    ...alarm,
    [[` ${spaced(health.state)} `, (text) => paint.inverse(colour(text))], [` ${statusLine}`]],
    [[` ${facts.join('; ')}`, paint.dim]],
  ];
}

function footerOf({ answers, paused }: TopState, paint: Paint): Line {
  const clock = answers === undefined ? '' : new Date(answers.status.now * 1_000).toISOString().slice(11, 19);
  return [
    [` q quit   r refresh   p ${paused ? 'go on' : 'pause'}   `, paint.dim],
    [clock === '' ? '' : `as of ${clock} UTC `],
    [paused ? 'paused' : '', paint.yellow],
  ];
}

/** In the order in which they stand and in which they get room. */
function sectionsOf({ answers, notices }: TopState, columns: number, paint: Paint): Section[] {
  if (answers === undefined) return [];
  const { status, packages, relays } = answers;
  const { now } = status;
  return [
    warningSection(status.health.warnings, now, columns, paint),
    packageSection(packages, now, columns, paint),
    relaySection(relays, now, columns, paint),
    noticeSection(notices, now, columns, paint),
  ].filter((section) => section.rows.length > 0);
}

/** Every section gets what it needs most, then what it needs, then all it could use, as far as there is room. */
function arranged(sections: readonly Section[], room: number, paint: Paint): Line[] {
  const given = sections.map(() => 0);
  let left = Math.max(0, room - sections.length);
  for (const step of [0, 1, 2]) {
    for (const [index, { rows, least }] of sections.entries()) {
      const wanted = Math.min(rows.length, least[step] ?? rows.length);
      const more = Math.min(left, Math.max(0, wanted - (given[index] ?? 0)));
      given[index] = (given[index] ?? 0) + more;
      left -= more;
    }
  }
  return sections.flatMap((section, index) => [section.head, ...rowsOf(section, given[index] ?? 0, paint)]);
}

/** The last row says how many there was no room for. */
function rowsOf({ rows, endless }: Section, room: number, paint: Paint): readonly Line[] {
  if (rows.length <= room || endless) return rows.slice(0, room);
  const shown = rows.slice(0, Math.max(0, room - 1));
  return [...shown, [[` and ${rows.length - shown.length} more`, paint.dim]]];
}
