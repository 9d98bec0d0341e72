import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface DocumentedEvent {
  readonly name: string;
  /** As written: `info, counted by relay`. */
  readonly priority: string;
  readonly fields: readonly string[];
}

/** The rows of docs/journal.md that are about an event. */
export function documentedEvents(): readonly DocumentedEvent[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs/journal.md'), 'utf8');
  return [...text.matchAll(/^\| `(\w+)` \| ([^|]+) \|[^|]*\|([^|]*)\|/gm)].map(
    ([, name = '', priority = '', fields = '']) => ({
      name,
      priority,
      // Code that explains a field comes after its colon.
      fields: [...fields.matchAll(/(?:^|,) *`(\w+)`/g)].map(([, field = '']) => field),
    }),
  );
}
