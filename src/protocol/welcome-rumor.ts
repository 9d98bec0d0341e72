/** The kind 444 rumor inside a gift wrap: an invitation (protocol.md section 5). */
import type { EventId, PublicKey, RelayUrl, UnixSeconds } from '../ids.ts';
import { base64Decode, base64Encode, ifWellFormed, isHex } from './bytes.ts';
import { KIND } from './kinds.ts';
import { eventId, type Rumor, tagsNamed } from './nip01.ts';
import { namesEncoding } from './obsolete-profile.ts';
import { validRelayUrls } from './relay-url.ts';

/** More relays than this in one invitation are not connected to. */
const MAX_RELAYS = 50;

export interface WelcomeRumor {
  /** The account that invites. */
  readonly author: PublicKey;
  readonly createdAt: UnixSeconds;
  /** MLSMessage(mls_welcome). */
  readonly message: Uint8Array;
  /** Event of the KeyPackage used, as the author claims: private keys are never chosen by it. */
  readonly keyPackageEvent: EventId;
  /** Relays of the group; at least one. */
  readonly relays: readonly RelayUrl[];
}

export function buildWelcomeRumor(welcome: WelcomeRumor): Rumor {
  const unsigned = {
    pubkey: welcome.author,
    created_at: welcome.createdAt,
    kind: KIND.welcome,
    tags: [
      ['e', welcome.keyPackageEvent],
      ['relays', ...welcome.relays],
    ],
    content: base64Encode(welcome.message),
  };
  return { id: eventId(unsigned), ...unsigned };
}

type WelcomeRumorRejection =
  | 'not_a_welcome'
  | 'obsolete_profile'
  | 'event_reference_malformed'
  | 'relays_malformed'
  | 'content_not_base64';

export type ParsedWelcomeRumor =
  | { readonly ok: true; readonly welcome: WelcomeRumor }
  | { readonly ok: false; readonly reason: WelcomeRumorRejection };

/** Reads a rumor whose author the seal has proven. What the message holds is for the MLS room to say. */
export function parseWelcomeRumor(rumor: Rumor): ParsedWelcomeRumor {
  const rejected = (reason: WelcomeRumorRejection): ParsedWelcomeRumor => ({ ok: false, reason });
  if (rumor.kind !== KIND.welcome) return rejected('not_a_welcome');
  if (namesEncoding(rumor)) return rejected('obsolete_profile');
  const keyPackageEvent = onlyTag(rumor, 'e')?.[0];
  if (keyPackageEvent === undefined || !isHex(keyPackageEvent, 32)) {
    return rejected('event_reference_malformed');
  }
  const relays = validRelayUrls(onlyTag(rumor, 'relays') ?? [], MAX_RELAYS);
  if (relays.length === 0) return rejected('relays_malformed');
  const message = ifWellFormed(() => base64Decode(rumor.content));
  if (message === undefined || message.length === 0) return rejected('content_not_base64');
  const { pubkey: author, created_at: createdAt } = rumor;
  return {
    ok: true,
    welcome: { author, createdAt, message, keyPackageEvent: keyPackageEvent as EventId, relays },
  };
}

function onlyTag(rumor: Rumor, name: string): readonly string[] | undefined {
  const [values, ...more] = tagsNamed(rumor, name);
  return more.length === 0 ? values : undefined;
}
