/** The tags of a KeyPackage event (protocol.md section 3): written from a decoded KeyPackage, read from a stranger's. */
import type { KeyPackageRef, SlotId } from '../ids.ts';
import type { KeyPackageFacts } from '../ports.ts';
import type { NostrEvent } from '../records.ts';
import { CIPHERSUITE, FIRST_MARMOT_COMPONENT, idText } from './kinds.ts';
import { tagsNamed } from './nip01.ts';

/** The lists that repeat what the leaf says, by tag name; ids in the leaf's order. */
export interface KeyPackageLists {
  readonly mls_extensions: readonly number[];
  readonly mls_proposals: readonly number[];
  readonly app_components: readonly number[];
}

/** What the tags must say of a leaf with these capabilities and these supported components. */
export const listsOf = (
  { extensions, proposals }: KeyPackageFacts['capabilities'],
  components: readonly number[],
): KeyPackageLists => ({
  mls_extensions: extensions,
  mls_proposals: proposals,
  app_components: components.filter((id) => id >= FIRST_MARMOT_COMPONENT),
});

/** Exactly the tags of the current profile. */
export function writeKeyPackageTags(
  slot: SlotId,
  ref: KeyPackageRef,
  ciphersuite: number,
  lists: KeyPackageLists,
): string[][] {
  const list = (name: keyof KeyPackageLists): string[] => [name, ...new Set(lists[name].map(idText))];
  return [
    ['d', slot],
    ['mls_protocol_version', '1.0'],
    ['i', ref],
    ['mls_ciphersuite', idText(ciphersuite)],
    list('mls_extensions'),
    list('mls_proposals'),
    list('app_components'),
  ];
}

export interface TagProblem {
  readonly code: 'tag_missing' | 'tag_repeated' | 'tag_empty' | 'tag_malformed';
  /** Name of the tag. */
  readonly detail: string;
}

/** What could be read, undefined where there is a problem. */
export interface KeyPackageTags {
  readonly slot: SlotId | undefined;
  readonly ref: KeyPackageRef | undefined;
  readonly lists: { readonly [Name in keyof KeyPackageLists]: readonly string[] | undefined };
  readonly problems: readonly TagProblem[];
}

const HEX32 = /^[0-9a-f]{64}$/;

/** Each required tag exactly once and well-formed; other tags are nobody's business. */
export function readKeyPackageTags(event: NostrEvent): KeyPackageTags {
  const problems: TagProblem[] = [];
  const read = (name: string, wellFormed: (values: readonly string[]) => boolean) => {
    const found = tagsNamed(event, name);
    const code = problemOf(found, wellFormed);
    if (code === undefined) return found[0];
    problems.push({ code, detail: name });
    return undefined;
  };
  const one = (name: string, pattern: RegExp): string | undefined =>
    read(name, (values) => values.length === 1 && pattern.test(values[0] as string))?.[0];
  const slot = one('d', HEX32) as SlotId | undefined;
  one('mls_protocol_version', /^1\.0$/);
  const ref = one('i', HEX32) as KeyPackageRef | undefined;
  one('mls_ciphersuite', new RegExp(`^${idText(CIPHERSUITE)}$`));
  const lists = {
    mls_extensions: read('mls_extensions', isIdList),
    mls_proposals: read('mls_proposals', isIdList),
    app_components: read('app_components', isIdList),
  };
  return { slot, ref, lists, problems };
}

function problemOf(
  found: readonly (readonly string[])[],
  wellFormed: (values: readonly string[]) => boolean,
): TagProblem['code'] | undefined {
  const [values, ...more] = found;
  if (values === undefined) return 'tag_missing';
  if (more.length > 0) return 'tag_repeated';
  if (values.length === 0 || values.includes('')) return 'tag_empty';
  return wellFormed(values) ? undefined : 'tag_malformed';
}

const isIdList = (values: readonly string[]): boolean =>
  values.every((value) => /^0x[0-9a-f]{4}$/.test(value)) && new Set(values).size === values.length;
