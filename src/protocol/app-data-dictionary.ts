/**
 * The `app_data_dictionary` extension, 0x0006 (draft-ietf-mls-extensions; protocol.md section 2):
 * `ComponentData entries<V>`, strictly ascending, `ComponentData = uint16 component_id, opaque data<V>`.
 * And the component 0x0001, which lists component ids.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { decodeExactly, malformed, uint16, vector } from './bytes.ts';
import { EXTENSION } from './kinds.ts';

/** An MLS extension: its type and `extension_data` without the length in front. */
export interface ExtensionData {
  readonly type: number;
  readonly data: Uint8Array;
}

export interface ComponentData {
  readonly id: number;
  readonly data: Uint8Array;
}

/** Errors: `malformed` for entries that are not strictly ascending. */
export function encodeDictionary(entries: readonly ComponentData[]): Uint8Array {
  requireAscending(entries.map(({ id }) => id));
  return vector(...entries.map(({ id, data }) => concatBytes(uint16(id), vector(data))));
}

/** Errors: `malformed`. */
export function decodeDictionary(bytes: Uint8Array): ComponentData[] {
  const entries = decodeEntries(bytes);
  requireAscending(entries.map(({ id }) => id));
  return entries;
}

/**
 * The entries of every dictionary among these extensions, in a row: order and repeats, which only a broken or
 * hostile peer sends, are left to the caller's judgement. Errors: `malformed`.
 */
export function dictionaryEntries(extensions: readonly ExtensionData[]): ComponentData[] {
  return extensions
    .filter(({ type }) => type === EXTENSION.appDataDictionary)
    .flatMap(({ data }) => decodeEntries(data));
}

export const isAscending = (entries: readonly ComponentData[]): boolean =>
  areAscending(entries.map(({ id }) => id));

/** The data of one component, undefined when it has no entry. */
export const componentOf = (entries: readonly ComponentData[], id: number): Uint8Array | undefined =>
  entries.find((entry) => entry.id === id)?.data;

/** A list of component ids, as in `app_components`; ascending. Errors: `malformed` for ids that are not. */
export function encodeComponentIds(ids: readonly number[]): Uint8Array {
  requireAscending(ids);
  return vector(...ids.map(uint16));
}

/** Errors: `malformed`. */
export function decodeComponentIds(bytes: Uint8Array): number[] {
  const ids = decodeExactly(bytes, (reader) => reader.list((item) => item.uint16()));
  requireAscending(ids);
  return ids;
}

function decodeEntries(bytes: Uint8Array): ComponentData[] {
  return decodeExactly(bytes, (reader) =>
    reader.list((entry) => ({ id: entry.uint16(), data: entry.vector() })),
  );
}

function requireAscending(ids: readonly number[]): void {
  if (!areAscending(ids)) throw malformed('component ids that are not strictly ascending');
}

const areAscending = (ids: readonly number[]): boolean =>
  ids.every((id, index) => index === 0 || id > (ids[index - 1] as number));
