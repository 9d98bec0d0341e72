/**
 * The components of a group's state (protocol.md section 6; Marmot app-components): codecs of those that the
 * profile reads, and the GroupContext extensions that hold them. What is not canonical is malformed.
 */
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { PublicKey } from '../ids.ts';
import {
  type ComponentData,
  decodeComponentIds,
  type ExtensionData,
  encodeComponentIds,
  encodeDictionary,
} from './app-data-dictionary.ts';
import { type ByteReader, decodeExactly, malformed, uint16, uint32, uint64, vector } from './bytes.ts';
import { COMPONENT, EXTENSION, PROPOSAL } from './kinds.ts';
import { parseRelayUrl } from './relay-url.ts';

export interface GroupProfile {
  /** At most 256 bytes of UTF-8. */
  readonly name: string;
  /** At most 4,096 bytes of UTF-8. */
  readonly description: string;
}

export interface NostrRouting {
  /** 32 bytes as hex: the `h` tag of the group's events. */
  readonly nostrGroupId: string;
  /** As they are signed; compare them byte for byte. */
  readonly relays: readonly string[];
}

/** What live previews of agents' answers a group wants. */
export interface AgentTextStream {
  readonly required: number;
  readonly allowed: number;
  readonly maxFrame: number;
  readonly ttl: number;
  readonly padding: number;
}

export interface AvatarUrl {
  readonly url: string;
  readonly dimensions: string;
  readonly thumbhash: Uint8Array;
}

export type Lifecycle = 'active' | 'disbanded';

export interface ComponentCodec<T> {
  readonly id: number;
  encode(value: T): Uint8Array;
  /** Errors: `malformed`. */
  decode(bytes: Uint8Array): T;
}

const NAME_BYTES = 256;
const DESCRIPTION_BYTES = 4_096;

function codec<T>(
  id: number,
  encode: (value: T) => Uint8Array,
  read: (reader: ByteReader) => T,
): ComponentCodec<T> {
  return { id, encode, decode: (bytes) => decodeExactly(bytes, read) };
}

const text = (value: string): Uint8Array => vector(utf8ToBytes(value));

function readText(reader: ByteReader, limitBytes = Number.POSITIVE_INFINITY): string {
  const bytes = reader.vector();
  if (bytes.length > limitBytes) throw malformed(`a text of more than ${limitBytes} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed('a text that is not UTF-8');
  }
}

function requireAscending(items: readonly Uint8Array[], what: string): void {
  const hex = items.map(bytesToHex);
  const ascending = hex.every((item, at) => at === 0 || item > (hex[at - 1] as string));
  if (!ascending) throw malformed(`${what} that are not in strictly ascending order`);
}

/** 0x0001 in a GroupContext: the components that every member has to support, ascending. */
export const requiredComponents: ComponentCodec<readonly number[]> = {
  id: COMPONENT.appComponents,
  encode: encodeComponentIds,
  decode: decodeComponentIds,
};

export const groupProfile = codec<GroupProfile>(
  COMPONENT.groupProfile,
  ({ name, description }) => concatBytes(text(name), text(description)),
  (reader) => ({
    name: readText(reader, NAME_BYTES),
    description: readText(reader, DESCRIPTION_BYTES),
  }),
);

/** The accounts that may change the group, ascending. */
export const adminPolicy = codec<readonly PublicKey[]>(
  COMPONENT.adminPolicy,
  (admins) => vector(...admins.map(hexToBytes)),
  (reader) => {
    const admins = reader.list((item) => item.bytes(32));
    requireAscending(admins, 'admins');
    return admins.map((admin) => bytesToHex(admin) as PublicKey);
  },
);

export const nostrRouting = codec<NostrRouting>(
  COMPONENT.nostrRouting,
  ({ nostrGroupId, relays }) => concatBytes(hexToBytes(nostrGroupId), vector(...relays.map(text))),
  (reader) => {
    const nostrGroupId = bytesToHex(reader.bytes(32));
    const relays = reader.list((item) => readText(item));
    requireAscending(relays.map(utf8ToBytes), 'relays');
    const bad = relays.find((relay) => !parseRelayUrl(relay).ok);
    if (bad !== undefined) throw malformed('a relay address that is not one');
    return { nostrGroupId, relays };
  },
);

/** How long messages are kept, in seconds; 0 is for ever. */
export const messageRetention = codec<bigint>(COMPONENT.messageRetention, uint64, (reader) =>
  reader.uint64(),
);

export const agentTextStream = codec<AgentTextStream>(
  COMPONENT.agentTextStream,
  ({ required, allowed, maxFrame, ttl, padding }) =>
    concatBytes(Uint8Array.of(required, allowed), uint32(maxFrame), uint32(ttl), uint16(padding)),
  (reader) => ({
    required: reader.uint8(),
    allowed: reader.uint8(),
    maxFrame: reader.uint32(),
    ttl: reader.uint32(),
    padding: reader.uint16(),
  }),
);

export const avatarUrl = codec<AvatarUrl>(
  COMPONENT.avatarUrl,
  ({ url, dimensions, thumbhash }) => concatBytes(text(url), text(dimensions), vector(thumbhash)),
  (reader) => ({ url: readText(reader), dimensions: readText(reader), thumbhash: reader.vector() }),
);

export const lifecycle = codec<Lifecycle>(
  COMPONENT.lifecycle,
  (state) => Uint8Array.of(state === 'active' ? 0 : 1),
  (reader) => {
    const octet = reader.uint8();
    if (octet > 1) throw malformed(`a lifecycle ${octet}`);
    return octet === 0 ? 'active' : 'disbanded';
  },
);

const CODECS: readonly { readonly id: number; decode(bytes: Uint8Array): unknown }[] = [
  requiredComponents,
  groupProfile,
  adminPolicy,
  nostrRouting,
  messageRetention,
  agentTextStream,
  avatarUrl,
  lifecycle,
];

/** Checks the bytes of a component that we can read; the others are opaque here. Errors: `malformed`. */
export function checkComponent({ id, data }: ComponentData): void {
  CODECS.find((known) => known.id === id)?.decode(data);
}

/** What a group asks of every member's capabilities (RFC 9420 section 11.1). */
const REQUIRED_CAPABILITIES = concatBytes(
  vector(uint16(EXTENSION.appDataDictionary)),
  vector(uint16(PROPOSAL.appDataUpdate), uint16(PROPOSAL.selfRemove)),
  vector(),
);

/** The GroupContext extensions of a group that we create; the dictionary is last, and the order is hashed. */
export const groupContextExtensions = (components: readonly ComponentData[]): ExtensionData[] => [
  { type: EXTENSION.requiredCapabilities, data: REQUIRED_CAPABILITIES },
  { type: EXTENSION.appDataDictionary, data: encodeDictionary(components) },
];
