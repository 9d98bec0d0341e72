import { readFileSync } from 'node:fs';
import { validate } from 'node-cron';
import { parse as parseToml, TomlError } from 'smol-toml';
import { z } from 'zod';
import { DaemonError } from './errors.ts';
import { RELAY_URL_SHAPE, type Seconds } from './ids.ts';

/** Longest Lifetime that peers accept, without the hour of backdating (protocol.md section 2): 84 days. */
const MAX_LIFETIME_SEC = 84 * 86_400;

const UNIT_SEC: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3_600, d: 86_400 };

/** A length of time as people write it: `90 s`, `15 min`, `24 h`, `84 d`. */
const duration = (fallback: string) =>
  z
    .string()
    .regex(/^\d{1,9} ?(s|min|h|d)$/, 'write a number and s, min, h or d, like "24 h"')
    .default(fallback)
    .transform((text): Seconds => {
      const [, count, unit] = /^(\d+) ?(\w+)$/.exec(text) as unknown as [string, string, string];
      return (Number(count) * (UNIT_SEC[unit] as number)) as Seconds;
    });

const relayUrls = z
  .array(z.string().max(512).regex(RELAY_URL_SHAPE, 'write an absolute wss:// or ws:// URL'))
  .max(50);

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

const schema = z.strictObject({
  log: z.strictObject({ level: z.enum(LOG_LEVELS).default('info') }).prefault({}),
  relays: z
    .strictObject({
      /** Asked for the account's relay lists, besides the relays those lists name. */
      bootstrap: relayUrls.default([]),
    })
    .prefault({}),
  key_packages: z
    .strictObject({
      standard: z.int().min(0).max(100).default(10),
      last_resort: z.int().min(0).max(1).default(1),
      /** Replace the pool when its newest published package is older than this. */
      refresh_after: duration('24 h').refine((sec) => sec >= 60, 'at least 60 s'),
      /** Replace the pool when fewer unused packages than this remain. */
      low_stock: z.int().min(0).max(100).default(5),
      lifetime: duration('84 d').refine(
        (sec) => sec >= 3_600 && sec <= MAX_LIFETIME_SEC,
        'between 1 h and 84 d, the longest that peers accept',
      ),
    })
    .prefault({}),
  schedule: z
    .strictObject({
      /** node-cron expression of the regular look at everything. */
      tick: z
        .string()
        .refine(validate, 'write a cron expression of 5 or 6 fields whose time comes, like "*/15 * * * *"')
        .default('*/15 * * * *'),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      /** Where the node exporter's textfile collector reads. */
      textfile: z
        .string()
        .regex(/^\/.*\.prom$/, 'write an absolute path that ends in .prom')
        .optional(),
    })
    .prefault({}),
  seal: z
    .strictObject({
      credential: z.string().min(1).default('dialogd-seal'),
      passphrase_file: z.string().startsWith('/', 'write an absolute path').optional(),
    })
    .prefault({}),
});

/** The frozen configuration; durations in seconds. */
export type Config = Readonly<z.output<typeof schema>>;

/**
 * Reads the TOML file; a missing one means defaults.
 * Errors: `config_invalid`, naming every problem at once, unknown keys included.
 */
export function loadConfig(file: string, overrides: { logLevel?: string } = {}): Config {
  const raw = parseFile(file);
  const log = (raw as { log?: object }).log ?? {};
  const merged =
    overrides.logLevel === undefined ? raw : { ...raw, log: { ...log, level: overrides.logLevel } };
  const result = schema.safeParse(merged);
  if (result.success) return Object.freeze(result.data);
  const problems = result.error.issues.map(describe);
  throw new DaemonError('config_invalid', `${file}:\n  ${problems.join('\n  ')}`, {
    repair: 'correct the named settings; README.md lists them all',
  });
}

function parseFile(file: string): object {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new DaemonError('config_invalid', `${file} cannot be read: ${(error as Error).message}`, {
      repair: 'make the file readable for the user that runs dialogd',
      cause: error,
    });
  }
  try {
    return parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const place = `line ${error.line}, column ${error.column}`;
    throw new DaemonError('config_invalid', `${file}: ${place}: ${error.message.split('\n')[0]}`, {
      repair: 'correct the TOML syntax at that place',
    });
  }
}

function describe(issue: z.core.$ZodIssue): string {
  const where = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${where === '' ? key : `${where}.${key}`}: unknown setting`).join('\n  ');
  }
  return `${where}: ${issue.message}`;
}
