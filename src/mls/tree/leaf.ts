/**
 * LeafNode (RFC 9420 section 7.2): our own codec. The library's takes 60 us a leaf and cannot read a leaf that
 * lists a protocol version it does not know, although such a leaf is valid.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { type Capabilities, type Credential, credentialTypes, protocolVersions } from 'ts-mls';
import { ciphersuites } from 'ts-mls/crypto/ciphersuite.js';
import type { LeafNode } from 'ts-mls/leafNode.js';
import { type ByteReader, uint16, uint32, uint64, vector } from '../../protocol/bytes.ts';
import { signWithLabel, verifyWithLabel } from '../crypto/labelled.ts';
import type { SigningKey } from '../crypto/okp.ts';
import { extensionsBytes, readExtensions } from '../messages/extensions.ts';
import { Refusal } from '../refusal.ts';

type LeafInfo =
  | Pick<Extract<LeafNode, { leafNodeSource: 'key_package' }>, 'leafNodeSource' | 'lifetime' | 'extensions'>
  | Pick<Extract<LeafNode, { leafNodeSource: 'update' }>, 'leafNodeSource' | 'extensions'>
  | Pick<Extract<LeafNode, { leafNodeSource: 'commit' }>, 'leafNodeSource' | 'parentHash' | 'extensions'>;

/** A registry by number; the library calls an unregistered id by its decimal digits. */
function registry<Name extends string>(ids: Readonly<Record<Name, number>>) {
  const names = new Map((Object.keys(ids) as Name[]).map((name) => [ids[name], name]));
  return {
    name: (id: number): Name => names.get(id) ?? (String(id) as Name),
    id: (name: Name): number => ids[name] ?? Number(name),
  };
}
export const VERSIONS = registry(protocolVersions);
export const SUITES = registry(ciphersuites);
export const CREDENTIALS = registry(credentialTypes);

const uint16s = (values: readonly number[]): Uint8Array => vector(...values.map(uint16));
const readUint16s = (reader: ByteReader): number[] => reader.list((item) => item.uint16());

function readCapabilities(reader: ByteReader): Capabilities {
  return {
    versions: readUint16s(reader).map(VERSIONS.name),
    ciphersuites: readUint16s(reader).map(SUITES.name),
    extensions: readUint16s(reader),
    proposals: readUint16s(reader),
    credentials: readUint16s(reader).map(CREDENTIALS.name),
  };
}

const capabilitiesBytes = (capabilities: Capabilities): Uint8Array =>
  concatBytes(
    uint16s(capabilities.versions.map(VERSIONS.id)),
    uint16s(capabilities.ciphersuites.map(SUITES.id)),
    uint16s(capabilities.extensions),
    uint16s(capabilities.proposals),
    uint16s(capabilities.credentials.map(CREDENTIALS.id)),
  );

function readCredential(reader: ByteReader): Credential {
  const credentialType = CREDENTIALS.name(reader.uint16());
  if (credentialType === 'basic') return { credentialType, identity: reader.vector() };
  if (credentialType === 'x509')
    return { credentialType, certificates: reader.list((item) => item.vector()) };
  throw new Refusal('unsupported', `a credential of type ${credentialType}`);
}

function credentialBytes(credential: Credential): Uint8Array {
  const type = uint16(CREDENTIALS.id(credential.credentialType));
  return credential.credentialType === 'basic'
    ? concatBytes(type, vector(credential.identity))
    : concatBytes(type, vector(...credential.certificates.map((certificate) => vector(certificate))));
}

function readInfo(reader: ByteReader): LeafInfo {
  const source = reader.uint8();
  switch (source) {
    case 1: {
      const lifetime = { notBefore: reader.uint64(), notAfter: reader.uint64() };
      return { leafNodeSource: 'key_package', lifetime, extensions: readExtensions(reader) };
    }
    case 2:
      return { leafNodeSource: 'update', extensions: readExtensions(reader) };
    case 3: {
      const parentHash = reader.vector();
      return { leafNodeSource: 'commit', parentHash, extensions: readExtensions(reader) };
    }
    default:
      throw new Refusal('malformed', `a leaf node source ${source}`);
  }
}

function infoBytes(info: LeafInfo): Uint8Array {
  const extensions = extensionsBytes(info.extensions);
  switch (info.leafNodeSource) {
    case 'key_package': {
      const { notBefore, notAfter } = info.lifetime;
      return concatBytes(Uint8Array.of(1), uint64(notBefore), uint64(notAfter), extensions);
    }
    case 'update':
      return concatBytes(Uint8Array.of(2), extensions);
    case 'commit':
      return concatBytes(Uint8Array.of(3), vector(info.parentHash), extensions);
  }
}

export function readLeaf(reader: ByteReader): LeafNode {
  const keys = { hpkePublicKey: reader.vector(), signaturePublicKey: reader.vector() };
  const credential = readCredential(reader);
  const capabilities = readCapabilities(reader);
  const leaf = { ...keys, credential, capabilities, ...readInfo(reader) };
  return { ...leaf, signature: reader.vector() };
}

type UnsignedLeaf = LeafNode extends infer L ? (L extends LeafNode ? Omit<L, 'signature'> : never) : never;

/** What LeafNode and LeafNodeTBS share. */
const unsignedBytes = (leaf: UnsignedLeaf): Uint8Array =>
  concatBytes(
    vector(leaf.hpkePublicKey),
    vector(leaf.signaturePublicKey),
    credentialBytes(leaf.credential),
    capabilitiesBytes(leaf.capabilities),
    infoBytes(leaf),
  );

/** Leaves are immutable, and hashed and sent many times. */
const encoded = new WeakMap<LeafNode, Uint8Array>();

export function leafBytes(leaf: LeafNode): Uint8Array {
  const known = encoded.get(leaf);
  if (known !== undefined) return known;
  const bytes = concatBytes(unsignedBytes(leaf), vector(leaf.signature));
  encoded.set(leaf, bytes);
  return bytes;
}

const LABEL = 'MLS 1.0 LeafNodeTBS';

const withPlace = (
  source: LeafNode['leafNodeSource'],
  unsigned: Uint8Array,
  groupId: Uint8Array,
  leafIndex: number,
): Uint8Array =>
  source === 'key_package' ? unsigned : concatBytes(unsigned, vector(groupId), uint32(leafIndex));

/** LeafNodeTBS: a leaf that was made inside a group is signed for that group and place. */
export function signLeaf<L extends UnsignedLeaf>(
  leaf: L,
  groupId: Uint8Array,
  leafIndex: number,
  key: SigningKey,
): L & { signature: Uint8Array } {
  const tbs = withPlace(leaf.leafNodeSource, unsignedBytes(leaf), groupId, leafIndex);
  return { ...leaf, signature: signWithLabel(key, LABEL, tbs) };
}

export function leafSignatureValid(leaf: LeafNode, groupId: Uint8Array, leafIndex: number): boolean {
  const { signature, signaturePublicKey, leafNodeSource } = leaf;
  const bytes = leafBytes(leaf);
  const unsigned = bytes.subarray(0, bytes.length - vector(signature).length);
  const tbs = withPlace(leafNodeSource, unsigned, groupId, leafIndex);
  return verifyWithLabel(signaturePublicKey, LABEL, tbs, signature);
}
