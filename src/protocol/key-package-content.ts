/** What a KeyPackage holds (protocol.md section 2): ours byte for byte, and what is read from any. */
import type { KeyPackageFacts } from '../ports.ts';
import type { KeyPackageKind } from '../records.ts';
import {
  type ComponentData,
  componentOf,
  decodeComponentIds,
  dictionaryEntries,
  type ExtensionData,
  encodeComponentIds,
  encodeDictionary,
} from './app-data-dictionary.ts';
import { BASIC_CREDENTIAL, CIPHERSUITE, COMPONENT, EXTENSION, MLS10, PROPOSAL } from './kinds.ts';

/**
 * The capabilities of every leaf of ours. No GREASE and no default ids: peers reject a package that lists one.
 * The receive role is the honest claim of a client that ignores live stream previews.
 */
export const LEAF_CAPABILITIES = {
  versions: [MLS10],
  ciphersuites: [CIPHERSUITE],
  extensions: [EXTENSION.appDataDictionary, EXTENSION.receiveRole],
  proposals: [PROPOSAL.appDataUpdate, PROPOSAL.selfRemove],
  credentials: [BASIC_CREDENTIAL],
} as const;

/** Every component a White Noise group may require of an invitee, ascending. */
const SUPPORTED_COMPONENTS: readonly number[] = [
  COMPONENT.appComponents,
  COMPONENT.groupProfile,
  COMPONENT.groupImage,
  COMPONENT.adminPolicy,
  COMPONENT.nostrRouting,
  COMPONENT.messageRetention,
  COMPONENT.agentTextStream,
  COMPONENT.avatarUrl,
  COMPONENT.accountIdentityProof,
  COMPONENT.encryptedMedia,
  COMPONENT.lifecycle,
];

/** How far `not_before` lies in the past, for peers whose clocks are behind. */
export const LIFETIME_BACKDATE_SEC = 3_600;
/** The longest `not_after - not_before` that peers accept: 84 days and the hour above. */
export const MAX_LIFETIME_SEC = 84 * 86_400 + LIFETIME_BACKDATE_SEC;

/** The one leaf extension; `accountProof` is the 104 bytes of component 0x8009. */
export function leafExtension(accountProof: Uint8Array): ExtensionData {
  return dictionary([
    { id: COMPONENT.appComponents, data: encodeComponentIds(SUPPORTED_COMPONENTS) },
    { id: COMPONENT.safeAad, data: encodeComponentIds([]) },
    { id: COMPONENT.accountIdentityProof, data: accountProof },
  ]);
}

/** The one KeyPackage extension that marks a last-resort package; a standard package has none. */
export function lastResortExtension(): ExtensionData {
  return dictionary([{ id: COMPONENT.lastResort, data: new Uint8Array() }]);
}

function dictionary(entries: readonly ComponentData[]): ExtensionData {
  return { type: EXTENSION.appDataDictionary, data: encodeDictionary(entries) };
}

/** The component ids a leaf says it supports; none when it says nothing. Errors: `malformed`. */
export function supportedComponents({ leafExtensions }: Pick<KeyPackageFacts, 'leafExtensions'>): number[] {
  const list = componentOf(dictionaryEntries(leafExtensions), COMPONENT.appComponents);
  return list === undefined ? [] : decodeComponentIds(list);
}

/** Whether a package may be used once or again and again. Errors: `malformed`. */
export function keyPackageKind(facts: Pick<KeyPackageFacts, 'keyPackageExtensions'>): KeyPackageKind {
  const entries = dictionaryEntries(facts.keyPackageExtensions);
  return componentOf(entries, COMPONENT.lastResort) === undefined ? 'standard' : 'last_resort';
}
