import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { factsOf, LOG_EVENTS, type LogEvent } from '../../../src/log-events.ts';
import { documentedEvents } from '../../support/journal-docs.ts';
import { createRecordingLog } from '../../support/log.ts';

const SRC = join(import.meta.dirname, '../../../src');
const names = Object.keys(LOG_EVENTS) as LogEvent[];

/** The priority of an event as docs/journal.md writes it. */
function described(event: LogEvent): string {
  const { level, repeats } = factsOf(event);
  const priority = level === 'warn' ? 'warning' : level;
  if (repeats === undefined) return priority;
  return repeats.length === 0 ? `${priority}, counted` : `${priority}, counted by ${repeats.join(', ')}`;
}

test('docs/journal.md has every event once, with its priority and what its repeats are counted by', () => {
  const documented = documentedEvents().map(({ name, priority }) => `${name}: ${priority}`);
  expect(documented.sort()).toEqual(names.map((event) => `${event}: ${described(event)}`).sort());
});

test('what repeats are counted by is among the documented fields', () => {
  for (const { name, fields } of documentedEvents()) {
    for (const field of factsOf(name as LogEvent).repeats ?? []) expect(fields).toContain(field);
  }
});

test('an event ends only events of the catalogue that are counted by the same fields', () => {
  for (const event of names) {
    const { ends = [], repeats } = factsOf(event);
    for (const ended of ends)
      expect({ ended, by: factsOf(ended as LogEvent)?.repeats }).toEqual({ ended, by: repeats });
  }
});

test('another name, another level and a field that every line has do not compile', () => {
  const { info } = createRecordingLog();
  // @ts-expect-error: not in the catalogue
  info('no_such_event');
  // @ts-expect-error: an error, not information
  info('bug');
  // @ts-expect-error: the line's own
  info('stopped', { level: 'debug' });
});

test('every event is logged somewhere', () => {
  const source = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && path !== 'log-events.ts')
    .map((path) => readFileSync(join(SRC, path), 'utf8'))
    .join('\n');
  const said = new Set(
    [...source.matchAll(/(?:\blog|\)|\])\.(?:debug|info|warn|error)\(\s*'(\w+)'/g)].map(([, name]) => name),
  );
  // Named by its finding, not by itself.
  const byCode = new Set(['relay_lost_package', 'relay_serves_older']);
  expect(names.filter((name) => !said.has(name) && !byCode.has(name))).toEqual([]);
});
