/** Where an account is found and reached: kinds 10002 (NIP-65) and 10050 (NIP-17); protocol.md section 4. */
import type { RelayUrl, UnixSeconds } from '../ids.ts';
import type { EventTemplate } from '../ports.ts';
import type { NostrEvent } from '../records.ts';
import { KIND } from './kinds.ts';
import { tagsNamed } from './nip01.ts';
import { validRelayUrls } from './relay-url.ts';

/** Lists are written by people's other programs: more relays than this are not connected to. */
const MAX_RELAYS = 50;

/** Kind 10002. Without a marker a relay is for reading and writing (NIP-65). */
export const nip65Template = (relays: readonly RelayUrl[], createdAt: UnixSeconds): EventTemplate =>
  listTemplate(KIND.relayList, 'r', relays, createdAt);

/** Kind 10050. */
export const inboxListTemplate = (relays: readonly RelayUrl[], createdAt: UnixSeconds): EventTemplate =>
  listTemplate(KIND.inboxRelays, 'relay', relays, createdAt);

function listTemplate(
  kind: number,
  tag: string,
  relays: readonly RelayUrl[],
  createdAt: UnixSeconds,
): EventTemplate {
  return { kind, created_at: createdAt, tags: relays.map((url) => [tag, url]), content: '' };
}

/** The relays of a kind 10002 event that KeyPackages are published to; invalid entries are left out. */
export function writeRelays(event: NostrEvent): RelayUrl[] {
  const entries = tagsNamed(event, 'r').filter(([, marker = '']) => marker === '' || marker === 'write');
  return relaysOf(entries);
}

/** The relays of a kind 10050 event; invalid entries are left out. */
export const inboxRelays = (event: NostrEvent): RelayUrl[] => relaysOf(tagsNamed(event, 'relay'));

const relaysOf = (entries: readonly (readonly string[])[]): RelayUrl[] =>
  validRelayUrls(
    entries.map(([url]) => url),
    MAX_RELAYS,
  );
