/**
 * The only ways by which a text that is not our own gets into a bug report: what is not known to name nobody
 * does not pass.
 */

/** What reasons of connections may be told as they are: our own words, without a relay's. */
const REASONS: ReadonlySet<string> = new Set([
  'connection refused',
  'connection reset',
  'connection lost',
  'connection lost: no answer',
  'connection failed',
  'no answer within 15 s',
  'name not found',
  'name lookup failed',
  'no answer from the network',
  'host unreachable',
  'network unreachable',
  'TLS: the relay does not speak TLS on this port',
  'TLS: its certificate has expired',
  'TLS: its certificate is not valid yet (is the clock right?)',
  'TLS: its certificate is self-signed',
  'TLS: its certificate comes from an unknown issuer',
  'TLS: its certificate is for another name',
  'broke the WebSocket protocol',
  'sent a message that is too large',
  'not a relay: does not speak HTTP',
  'closed by the relay',
  'closed by this daemon',
  'the relay is going away',
]);

/** Machine-readable beginnings of a relay's words (NIP-01, NIP-42), and our own. */
const PREFIXES: ReadonlySet<string> = new Set([
  ...['duplicate', 'pow', 'blocked', 'rate-limited', 'invalid', 'restricted', 'mute', 'error'],
  ...['auth-required', 'replaced', 'deleted', 'relay_lost_package', 'relay_serves_older'],
]);

/** A stable name of the daemon's own: `relay_down`, `state.private`. */
export const name = (text: string): string =>
  /^[a-z]{1,20}([._][a-z]{1,20}){0,5}$/.test(text) ? text : 'unnamed';

export const version = (text: string): string =>
  /^\d{1,4}(\.\d{1,4}){0,3}(-(alpha|beta|rc)(\.\d{1,3})?)?$/.test(text) ? text : 'unusual';

export const reason = (text: string): string => (REASONS.has(text) ? text : 'another reason');

/** The beginning of what a relay said of an event. */
export function prefix(text: string): string {
  const [start = ''] = text.split(':');
  return PREFIXES.has(start) ? start : 'other words';
}

/** A cron expression of numbers and signs alone. */
export const cron = (text: string): string => (/^[\d*/, -]{1,40}$/.test(text) ? text : 'with names');
