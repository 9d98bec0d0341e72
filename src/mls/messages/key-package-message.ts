/** KeyPackage (RFC 9420 section 10) and the MLSMessage around it: exact, and in time linear to the input. */
import { concatBytes } from '@noble/hashes/utils.js';
import type { KeyPackage } from 'ts-mls';
import type { KeyPackageTBS } from 'ts-mls/keyPackage.js';
import { wireformats } from 'ts-mls/wireformat.js';
import type { KeyPackageRef } from '../../ids.ts';
import { type ByteReader, decodeExactly, malformed, uint16, vector } from '../../protocol/bytes.ts';
import { MLS10 } from '../../protocol/kinds.ts';
import { refHash, verifyWithLabel } from '../crypto/labelled.ts';
import { ensure, Refusal } from '../refusal.ts';
import { leafBytes, readLeaf, SUITES, VERSIONS } from '../tree/leaf.ts';
import { plainView } from './exact.ts';
import { extensionsBytes, readExtensions } from './extensions.ts';

/** Ours have about 500 bytes. */
const LIMIT_BYTES = 16_384;
const MESSAGE_HEAD = concatBytes(uint16(MLS10), uint16(wireformats.mls_key_package));

/** Throws DaemonError and Refusal, both `malformed`, and Refusal `unsupported` for a credential unknown to us. */
export function readKeyPackage(reader: ByteReader): KeyPackage {
  const head = {
    version: VERSIONS.name(reader.uint16()),
    cipherSuite: SUITES.name(reader.uint16()),
    initKey: reader.vector(),
  };
  const leafNode = readLeaf(reader);
  ensure(leafNode.leafNodeSource === 'key_package', 'malformed', 'a KeyPackage with the leaf of a member');
  return { ...head, leafNode, extensions: readExtensions(reader), signature: reader.vector() };
}

/** KeyPackageTBS: what the leaf's key signs. */
export const keyPackageTbs = (keyPackage: KeyPackageTBS): Uint8Array =>
  concatBytes(
    uint16(VERSIONS.id(keyPackage.version)),
    uint16(SUITES.id(keyPackage.cipherSuite)),
    vector(keyPackage.initKey),
    leafBytes(keyPackage.leafNode),
    extensionsBytes(keyPackage.extensions),
  );

export const keyPackageSignatureValid = (keyPackage: KeyPackage): boolean =>
  verifyWithLabel(
    keyPackage.leafNode.signaturePublicKey,
    'MLS 1.0 KeyPackageTBS',
    keyPackageTbs(keyPackage),
    keyPackage.signature,
  );

export const keyPackageBytes = (keyPackage: KeyPackage): Uint8Array =>
  concatBytes(keyPackageTbs(keyPackage), vector(keyPackage.signature));

export const encodeKeyPackageMessage = (keyPackage: KeyPackage): Uint8Array =>
  concatBytes(MESSAGE_HEAD, keyPackageBytes(keyPackage));

/** Shares no memory with `message`. Throws DaemonError `malformed`, for any input. */
export function decodeKeyPackageMessage(message: Uint8Array): KeyPackage {
  if (message.length > LIMIT_BYTES) throw malformed(`a KeyPackage message of ${message.length} bytes`);
  try {
    return decodeExactly(plainView(message), (reader) => {
      const head = reader.bytes(MESSAGE_HEAD.length);
      ensure(Buffer.compare(head, MESSAGE_HEAD) === 0, 'malformed', 'not a KeyPackage message of MLS 1.0');
      return readKeyPackage(reader);
    });
  } catch (error) {
    throw error instanceof Refusal ? malformed(error.message) : error;
  }
}

/** KeyPackageRef over the inner KeyPackage (RFC 9420 section 5.2). */
export function keyPackageRef(keyPackage: KeyPackage): KeyPackageRef {
  const digest = refHash('MLS 1.0 KeyPackage Reference', keyPackageBytes(keyPackage));
  return Buffer.from(digest).toString('hex') as KeyPackageRef;
}
