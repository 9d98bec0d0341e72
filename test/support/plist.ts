/** XML property lists, read as strictly as `plutil -lint` does (plist(5)), and what launchd knows of them. */
import { z } from 'zod';

type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

const PROLOG = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
`;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The value of the whole document; throws at the first thing that is not in its place. */
export function parsePlist(text: string): Value {
  if (!text.startsWith(PROLOG)) throw new Error('the prolog is not that of a property list');
  const tokens = tokensOf(text.slice(PROLOG.length));
  let at = 0;
  const peek = (): string => {
    while (isBetween(tokens[at])) at += 1;
    return tokens[at] ?? 'the end';
  };
  const take = (wanted?: string): string => {
    const token = peek();
    if (wanted !== undefined && token !== wanted) throw new Error(`${token} in the place of ${wanted}`);
    at += 1;
    return token;
  };
  const until = (end: string, each: () => void): void => {
    while (peek() !== end) each();
    take(end);
  };
  /** What stands between the tags of a leaf, white space and all. */
  const leaf = (name: string): string => {
    const content = tokens[at]?.startsWith('<') ? '' : (tokens[at++] ?? '');
    take(`</${name}>`);
    return decoded(content);
  };
  function value(): Value {
    const token = take();
    switch (token) {
      case '<true/>':
      case '<false/>':
        return token === '<true/>';
      case '<string>':
        return leaf('string');
      case '<integer>': {
        const digits = leaf('integer');
        if (!/^-?\d+$/.test(digits)) throw new Error(`"${digits}" is no integer`);
        return Number(digits);
      }
      case '<array>': {
        const items: Value[] = [];
        until('</array>', () => items.push(value()));
        return items;
      }
      case '<dict>': {
        const entries = new Map<string, Value>();
        until('</dict>', () => {
          take('<key>');
          const key = leaf('key');
          if (entries.has(key)) throw new Error(`${key} stands there twice`);
          entries.set(key, value());
        });
        return Object.fromEntries(entries);
      }
      default:
        throw new Error(`${token} in the place of a value`);
    }
  }
  take('<plist version="1.0">');
  const whole = value();
  take('</plist>');
  if (peek() !== 'the end') throw new Error(`${peek()} after the end`);
  return whole;
}

/** Tags, comments (without `--` inside, as XML has it) and the text between them. */
function tokensOf(text: string): string[] {
  const tokens = text.match(/<!--(?:(?!--)[\s\S])*-->|<[^<>!]*>|[^<>]+/g) ?? [];
  if (tokens.join('') !== text) throw new Error('a < or > stands alone');
  return tokens;
}

const isBetween = (token: string | undefined): boolean => token !== undefined && /^(\s*$|<!--)/.test(token);

function decoded(text: string): string {
  if (/[^\P{Cc}\t\n\r]/u.test(text)) throw new Error('XML has no such control character');
  return text.replace(/&(\w*;?)/g, (_all, name: string) => {
    const character = name.endsWith(';') ? ENTITIES[name.slice(0, -1)] : undefined;
    if (character === undefined) throw new Error(`&${name} is no entity`);
    return character;
  });
}

/** The keys of launchd.plist(5) in use here, each with its type. launchd ignores others, so there may be none. */
export const launchdJob = z.strictObject({
  Label: z.string().regex(/^[\w.-]+$/),
  ProgramArguments: z.array(z.string().min(1)).min(1),
  RunAtLoad: z.boolean(),
  KeepAlive: z.union([
    z.boolean(),
    z.strictObject({ SuccessfulExit: z.boolean().optional(), Crashed: z.boolean().optional() }),
  ]),
  ThrottleInterval: z.int().positive(),
  ExitTimeOut: z.int().positive(),
  ProcessType: z.enum(['Background', 'Standard', 'Adaptive', 'Interactive']),
  Umask: z.int().min(0).max(0o777),
  HardResourceLimits: z.partialRecord(
    z.enum(['Core', 'CPU', 'Data', 'FileSize', 'MemoryLock', 'NumberOfFiles', 'NumberOfProcesses', 'Stack']),
    z.int().min(0),
  ),
  StandardErrorPath: z.string().startsWith('/'),
});
