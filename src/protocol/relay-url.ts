/** Addresses of relays: what is accepted, and the one spelling they are kept in (protocol.md section 4). */
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { RelayUrl } from '../ids.ts';

type RelayUrlProblem =
  | 'longer than 512 bytes'
  | 'not an absolute wss:// or ws:// URL'
  | 'holds a user name or password'
  | 'holds a fragment';

export type ParsedRelayUrl =
  | { readonly ok: true; readonly url: RelayUrl }
  | { readonly ok: false; readonly reason: RelayUrlProblem };

const MAX_BYTES = 512;

/**
 * The normalised address: scheme and host in lower case, no default port, no lone slash at the end. So one relay
 * is one key, however people write it.
 */
export function parseRelayUrl(text: string): ParsedRelayUrl {
  const reason = textProblem(text);
  if (reason !== undefined) return { ok: false, reason };
  let parsed: URL;
  try {
    parsed = new URL(text);
  } catch {
    return { ok: false, reason: 'not an absolute wss:// or ws:// URL' };
  }
  const { protocol, host, pathname, search } = parsed;
  const rest = `${pathname}${search}`;
  const url = `${protocol}//${host}${rest === '/' ? '' : rest}`;
  // Percent-encoding may have made it longer.
  return isTooLong(url) ? { ok: false, reason: 'longer than 512 bytes' } : { ok: true, url: url as RelayUrl };
}

/** Judged on the text as written: the URL parser mends white space, backslashes and empty parts silently. */
function textProblem(text: string): RelayUrlProblem | undefined {
  if (isTooLong(text)) return 'longer than 512 bytes';
  if (text.includes('#')) return 'holds a fragment';
  if (/^[^:]*:\/\/[^/?]*@/.test(text)) return 'holds a user name or password';
  if (!/^wss?:\/\/[^/?]/i.test(text) || /[\s\\]/.test(text)) {
    return 'not an absolute wss:// or ws:// URL';
  }
  return undefined;
}

const isTooLong = (text: string): boolean => text.length > MAX_BYTES || utf8ToBytes(text).length > MAX_BYTES;

/** The valid addresses among these, normalised, each once, in order, at most `limit`. */
export function validRelayUrls(texts: readonly (string | undefined)[], limit: number): RelayUrl[] {
  const urls = texts.flatMap((text) => {
    const parsed = parseRelayUrl(text ?? '');
    return parsed.ok ? [parsed.url] : [];
  });
  return [...new Set(urls)].slice(0, limit);
}
