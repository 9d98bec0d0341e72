import { DaemonError } from '../errors.ts';
import type { RelayUrl } from '../ids.ts';
import { parseRelayUrl } from '../protocol/relay-url.ts';

/** A relay URL as a person gave it, normalised. Error: `invalid_argument`. */
export function relayUrl(text: string): RelayUrl {
  const parsed = parseRelayUrl(text);
  if (parsed.ok) return parsed.url;
  throw new DaemonError('invalid_argument', `${text}: ${parsed.reason}`, {
    repair: 'write an absolute wss:// or ws:// URL',
  });
}
