/** The KeyPackage event, kind 30443 (protocol.md section 3): made from our own package, judged when a stranger's. */
import type { SlotId, UnixSeconds } from '../ids.ts';
import type { EventCrypto, EventTemplate, KeyPackageFacts } from '../ports.ts';
import type { KeyPackageKind, NostrEvent } from '../records.ts';
import { base64Decode, base64Encode, ifWellFormed } from './bytes.ts';
import { keyPackageKind, supportedComponents } from './key-package-content.ts';
import { judgeKeyPackage, type KeyPackageProblem } from './key-package-rules.ts';
import { listsOf, readKeyPackageTags, type TagProblem, writeKeyPackageTags } from './key-package-tags.ts';
import { KIND } from './kinds.ts';
import { isBareKeyPackage, isObsoleteEvent, isObsoleteLeaf } from './obsolete-profile.ts';

/** A package of ours has about 900 characters. */
const MAX_CONTENT_LENGTH = 16_384;

/**
 * The event to sign for one package of ours; its tags repeat what the encoded package says.
 * Errors: `malformed`, for facts that are not of the current profile.
 */
export function keyPackageEventTemplate({
  facts,
  message,
  slot,
  createdAt,
}: {
  readonly facts: KeyPackageFacts;
  /** MLSMessage(mls_key_package), of which `facts` were read. */
  readonly message: Uint8Array;
  readonly slot: SlotId;
  readonly createdAt: UnixSeconds;
}): EventTemplate {
  const lists = listsOf(facts.capabilities, supportedComponents(facts));
  return {
    kind: KIND.keyPackage,
    created_at: createdAt,
    tags: writeKeyPackageTags(slot, facts.ref, facts.ciphersuite, lists),
    content: base64Encode(message),
  };
}

interface EventProblem {
  readonly code:
    | 'event_invalid'
    | 'wrong_kind'
    | 'obsolete_profile'
    | 'content_too_long'
    | 'content_not_base64'
    | 'content_not_key_package';
  readonly detail: string;
}

/** Why an event was refused; `code` is closed, `detail` is our own words and never the author's. */
type KeyPackageRejection = EventProblem | TagProblem | KeyPackageProblem;

/** A KeyPackage event that passed every rule. */
export interface ValidKeyPackage {
  readonly event: NostrEvent;
  readonly slot: SlotId;
  readonly kind: KeyPackageKind;
  /** Supported component ids, ascending. */
  readonly components: readonly number[];
  readonly facts: KeyPackageFacts;
}

export type KeyPackageCheck =
  | ({ readonly ok: true } & ValidKeyPackage)
  | { readonly ok: false; readonly reasons: readonly KeyPackageRejection[] };

export interface KeyPackageCheckDeps {
  /** As in the Mls port. */
  readonly readKeyPackage: (message: Uint8Array) => KeyPackageFacts | Promise<KeyPackageFacts>;
  readonly crypto: EventCrypto;
}

/** Judges an event fetched from a relay. Never throws, whatever the event holds. */
export async function checkKeyPackageEvent(
  event: NostrEvent,
  { readKeyPackage, crypto }: KeyPackageCheckDeps,
  now: UnixSeconds,
): Promise<KeyPackageCheck> {
  const outer = outerProblem(event, crypto);
  if (outer !== undefined) return { ok: false, reasons: [outer] };
  const tags = readKeyPackageTags(event);
  const content = await readContent(event.content, readKeyPackage);
  if ('code' in content) {
    return {
      ok: false,
      reasons: content.code === 'obsolete_profile' ? [content] : [...tags.problems, content],
    };
  }
  const problems = judgeKeyPackage({
    facts: content,
    tags,
    author: event.pubkey,
    now,
    verifySignature: crypto.verifySignature,
  });
  const reasons = [...tags.problems, ...problems];
  if (reasons.length > 0 || tags.slot === undefined) return { ok: false, reasons };
  return {
    ok: true,
    event,
    slot: tags.slot,
    kind: keyPackageKind(content),
    components: supportedComponents(content),
    facts: content,
  };
}

/** What ends the judgement at once: nothing inside would be worth reading. */
function outerProblem(event: NostrEvent, crypto: EventCrypto): EventProblem | undefined {
  if (!crypto.verifyEvent(event)) return { code: 'event_invalid', detail: 'bad id or signature' };
  if (isObsoleteEvent(event)) return obsolete('kind or tags');
  if (event.kind !== KIND.keyPackage) return { code: 'wrong_kind', detail: String(event.kind) };
  return undefined;
}

async function readContent(
  content: string,
  readKeyPackage: KeyPackageCheckDeps['readKeyPackage'],
): Promise<KeyPackageFacts | EventProblem> {
  if (content.length > MAX_CONTENT_LENGTH) {
    return { code: 'content_too_long', detail: `more than ${MAX_CONTENT_LENGTH} characters` };
  }
  const message = ifWellFormed(() => base64Decode(content));
  if (message === undefined) return { code: 'content_not_base64', detail: 'not padded standard base64' };
  if (isBareKeyPackage(message)) return obsolete('a bare KeyPackage');
  let facts: KeyPackageFacts;
  try {
    facts = await readKeyPackage(message);
  } catch {
    // Whatever a decoder does with a stranger's bytes, it is the event that is refused: one bad event must not
    // end a lookup.
    return { code: 'content_not_key_package', detail: 'not exactly one MLSMessage with a KeyPackage' };
  }
  return isObsoleteLeaf(facts) ? obsolete('extensions of the leaf') : facts;
}

const obsolete = (detail: string): EventProblem => ({ code: 'obsolete_profile', detail });
