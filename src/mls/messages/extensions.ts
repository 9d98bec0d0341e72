/** Extension lists (RFC 9420 section 13.4) and the two extensions of a GroupContext that we act on. */
import { concatBytes } from '@noble/hashes/utils.js';
import type { Extension } from 'ts-mls';
import { defaultExtensionTypes } from 'ts-mls/defaultExtensionType.js';
import { extensionTypeToNumber } from 'ts-mls/extension.js';
import { decodeRequiredCapabilities, encodeRequiredCapabilities } from 'ts-mls/requiredCapabilities.js';
import {
  type ComponentData,
  decodeDictionary,
  type ExtensionData,
} from '../../protocol/app-data-dictionary.ts';
import { type ByteReader, uint16, vector } from '../../protocol/bytes.ts';
import { EXTENSION, isDefaultExtension } from '../../protocol/kinds.ts';
import { decodeExact } from './exact.ts';

type ExtensionType = Extension['extensionType'];
const NAMES = new Map(
  Object.entries(defaultExtensionTypes).map(([name, id]) => [id as number, name as ExtensionType]),
);

/** The library calls the types of RFC 9420 by name. */
export const extensionOf = ({ type, data }: ExtensionData): Extension => ({
  extensionType: NAMES.get(type) ?? type,
  extensionData: data,
});

export const readExtensions = (reader: ByteReader): Extension[] =>
  reader.list((item) => extensionOf({ type: item.uint16(), data: item.vector() }));

export const extensionsBytes = (extensions: readonly Extension[]): Uint8Array =>
  vector(
    ...extensions.map(({ extensionType, extensionData }) =>
      concatBytes(uint16(extensionTypeToNumber(extensionType)), vector(extensionData)),
    ),
  );

export const typesOf = (extensions: readonly Extension[]): number[] =>
  extensions.map(({ extensionType }) => extensionTypeToNumber(extensionType));

/** Types that a client must list in its capabilities before they may be used with it. */
export const listedTypesOf = (extensions: readonly Extension[]): number[] =>
  typesOf(extensions).filter((type) => !isDefaultExtension(type));

export const extensionData = (extensions: readonly Extension[], type: number): Uint8Array | undefined =>
  extensions.find(({ extensionType }) => extensionTypeToNumber(extensionType) === type)?.extensionData;

export interface RequiredCapabilities {
  readonly extensions: readonly number[];
  readonly proposals: readonly number[];
  readonly credentials: readonly string[];
}

/** What every member must support; nothing when the extension is absent. Errors: `malformed`. */
export function requiredCapabilities(extensions: readonly Extension[]): RequiredCapabilities {
  const data = extensionData(extensions, EXTENSION.requiredCapabilities);
  if (data === undefined) return { extensions: [], proposals: [], credentials: [] };
  const { extensionTypes, proposalTypes, credentialTypes } = decodeExact(
    {
      name: 'a required_capabilities extension',
      decode: decodeRequiredCapabilities,
      encode: encodeRequiredCapabilities,
      limitBytes: 4_096,
    },
    data,
  );
  return { extensions: extensionTypes, proposals: proposalTypes, credentials: credentialTypes };
}

/** The components of the group; undefined when it has no dictionary. Errors: `malformed`. */
export function componentsOf(extensions: readonly Extension[]): ComponentData[] | undefined {
  const data = extensionData(extensions, EXTENSION.appDataDictionary);
  return data === undefined ? undefined : decodeDictionary(data);
}
