/**
 * The two older profiles (protocol.md, introduction): kind 443, bare KeyPackages, `encoding` tags, the group
 * data extension; and the account proof as a leaf extension. We emit neither, and tell them by name, so that
 * nobody reads "none published" where "an older program published" is the truth.
 */
import type { KeyPackageFacts } from '../ports.ts';
import type { NostrEvent } from '../records.ts';
import { CIPHERSUITE, EXTENSION, idText, KIND, MLS10 } from './kinds.ts';
import { tagsNamed } from './nip01.ts';

const OBSOLETE_EXTENSIONS: readonly number[] = [EXTENSION.obsoleteGroupData, EXTENSION.obsoleteAccountProof];
const OBSOLETE_TEXTS = OBSOLETE_EXTENSIONS.map(idText);

/** Events of both kinds, 444 too: the current profile has one encoding and does not name it. */
export const namesEncoding = (event: Pick<NostrEvent, 'tags'>): boolean =>
  tagsNamed(event, 'encoding').length > 0;

/** What kind and tags of a KeyPackage event tell. */
export function isObsoleteEvent(event: NostrEvent): boolean {
  return (
    event.kind === KIND.obsoleteKeyPackage ||
    namesEncoding(event) ||
    tagsNamed(event, 'mls_extensions')
      .flat()
      .some((id) => OBSOLETE_TEXTS.includes(id))
  );
}

/** A KeyPackage without MLSMessage around it starts with its version and its ciphersuite. */
export function isBareKeyPackage(content: Uint8Array): boolean {
  const start = new DataView(content.buffer, content.byteOffset, content.byteLength);
  return content.length >= 4 && start.getUint16(0) === MLS10 && start.getUint16(2) === CIPHERSUITE;
}

/** What the leaf itself tells. */
export function isObsoleteLeaf({ capabilities, leafExtensions }: KeyPackageFacts): boolean {
  return [...capabilities.extensions, ...leafExtensions.map(({ type }) => type)].some((id) =>
    OBSOLETE_EXTENSIONS.includes(id),
  );
}
