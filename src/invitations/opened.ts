import { KIND } from '../protocol/kinds.ts';
import type { Rumor } from '../protocol/nip01.ts';
import { parseWelcomeRumor } from '../protocol/welcome-rumor.ts';
import type { WrapKind } from '../records.ts';

/** Messages and files of NIP-17, and reactions to them: for a chat client of the account, not for this daemon. */
const DIRECT_MESSAGES: readonly number[] = [KIND.directMessage, KIND.directFile, KIND.reaction];

/** What a gift wrap turned out to hold; `broken` says by which rule. */
export type Opened =
  | { readonly kind: Exclude<WrapKind, 'broken'> }
  | { readonly kind: 'broken'; readonly reason: string };

/** Names what is inside. Whether a Welcome can be joined is for whoever joins it to say. */
export function openedAs(rumor: Rumor): Opened {
  if (DIRECT_MESSAGES.includes(rumor.kind)) return { kind: 'direct_message' };
  if (rumor.kind !== KIND.welcome) return { kind: 'other' };
  const welcome = parseWelcomeRumor(rumor);
  if (welcome.ok) return { kind: 'invitation' };
  return welcome.reason === 'obsolete_profile'
    ? { kind: 'obsolete_profile' }
    : { kind: 'broken', reason: welcome.reason };
}
