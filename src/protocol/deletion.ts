/** The best-effort kind 5 event of a revocation (NIP-09; protocol.md section 7). Relays need not honour it. */
import { type UnixSeconds, unixSeconds } from '../ids.ts';
import type { EventTemplate } from '../ports.ts';
import type { NostrEvent } from '../records.ts';
import { KIND } from './kinds.ts';
import { tagsNamed } from './nip01.ts';

/**
 * Asks relays to forget `revoked`, a kind 30443 event of ours. Its `a` tag takes every version of the slot up to
 * its own `created_at` with it, so it is dated before the replacement in the slot, if there is one.
 */
export function deletionTemplate(
  revoked: NostrEvent,
  replacement: NostrEvent | undefined,
  now: UnixSeconds,
): EventTemplate {
  const latest = replacement === undefined ? Math.max(now, revoked.created_at) : replacement.created_at - 1;
  const slot = tagsNamed(revoked, 'd')[0]?.[0] ?? '';
  return {
    kind: KIND.deletion,
    created_at: unixSeconds(latest),
    tags: [
      ['e', revoked.id],
      ['a', `${revoked.kind}:${revoked.pubkey}:${slot}`],
      ['k', String(revoked.kind)],
    ],
    content: '',
  };
}
