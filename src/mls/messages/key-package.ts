/** Making a KeyPackage exactly as protocol.md section 2 says, and taking one apart into facts. */
import { hexToBytes } from '@noble/hashes/utils.js';
import type { Capabilities, Extension } from 'ts-mls';
import { extensionTypeToNumber } from 'ts-mls/extension.js';
import type { KeyPackageTBS } from 'ts-mls/keyPackage.js';
import type { LeafNodeKeyPackage, LeafNodeTBSKeyPackage } from 'ts-mls/leafNode.js';
import type { KeyPackageFacts, KeyPackageRequest, Random } from '../../ports.ts';
import type { ExtensionData } from '../../protocol/app-data-dictionary.ts';
import {
  LEAF_CAPABILITIES,
  lastResortExtension,
  leafExtension,
  MAX_LIFETIME_SEC,
} from '../../protocol/key-package-content.ts';
import type { PrivateKeyPackage } from '../../records.ts';
import { signWithLabel } from '../crypto/labelled.ts';
import { generateKeyPair, importSigningKey, type SigningKey } from '../crypto/okp.ts';
import { CIPHERSUITE_NAME } from '../crypto/provider.ts';
import { CREDENTIALS, leafSignatureValid, SUITES, signLeaf, VERSIONS } from '../tree/leaf.ts';
import { extensionOf } from './extensions.ts';
import {
  decodeKeyPackageMessage,
  encodeKeyPackageMessage,
  keyPackageRef,
  keyPackageSignatureValid,
  keyPackageTbs,
} from './key-package-message.ts';
import { encodePrivatePackage } from './private-package.ts';

/** protocol/'s numbers in ts-mls' words; its own defaults carry GREASE and ids that receivers refuse. */
const CAPABILITIES: Capabilities = {
  versions: LEAF_CAPABILITIES.versions.map(VERSIONS.name),
  ciphersuites: LEAF_CAPABILITIES.ciphersuites.map(SUITES.name),
  extensions: [...LEAF_CAPABILITIES.extensions],
  proposals: [...LEAF_CAPABILITIES.proposals],
  credentials: LEAF_CAPABILITIES.credentials.map(CREDENTIALS.name),
};

/** The leaf of a KeyPackage is signed for no group (RFC 9420 section 7.2). */
const NO_GROUP = new Uint8Array(0);

function signedLeaf(
  request: KeyPackageRequest,
  hpkePublicKey: Uint8Array,
  key: SigningKey,
): LeafNodeKeyPackage {
  const leaf: LeafNodeTBSKeyPackage = {
    leafNodeSource: 'key_package',
    hpkePublicKey,
    signaturePublicKey: request.signatureKeyPair.publicKey,
    credential: { credentialType: 'basic', identity: hexToBytes(request.account) },
    capabilities: CAPABILITIES,
    lifetime: { notBefore: BigInt(request.notBefore), notAfter: BigInt(request.notAfter) },
    extensions: [extensionOf(leafExtension(request.accountProof))],
  };
  return signLeaf(leaf, NO_GROUP, 0, key);
}

/** A fresh KeyPackage with its private half, as bytes. A lifetime no peer accepts is a bug of the caller. */
export function generateKeyPackage(request: KeyPackageRequest, random: Random): PrivateKeyPackage {
  if (request.notAfter - request.notBefore > MAX_LIFETIME_SEC) throw new RangeError('lifetime too long');
  const init = generateKeyPair('X25519', random);
  const encryption = generateKeyPair('X25519', random);
  const signaturePrivateKey = request.signatureKeyPair.privateKey;
  const signingKey = importSigningKey(signaturePrivateKey);
  const tbs: KeyPackageTBS = {
    version: 'mls10',
    cipherSuite: CIPHERSUITE_NAME,
    initKey: init.publicKey,
    leafNode: signedLeaf(request, encryption.publicKey, signingKey),
    extensions: request.lastResort ? [extensionOf(lastResortExtension())] : [],
  };
  const signature = signWithLabel(signingKey, 'MLS 1.0 KeyPackageTBS', keyPackageTbs(tbs));
  const keyPackage = { ...tbs, signature };
  const privateBytes = encodePrivatePackage({
    initPrivateKey: init.privateKey,
    hpkePrivateKey: encryption.privateKey,
    signaturePrivateKey,
  });
  for (const { privateKey } of [init, encryption]) privateKey.fill(0);
  return { ref: keyPackageRef(keyPackage), message: encodeKeyPackageMessage(keyPackage), privateBytes };
}

/** Exact decoding and both signature checks. Throws DaemonError `malformed`, for any input. */
export function readKeyPackage(message: Uint8Array): KeyPackageFacts {
  const keyPackage = decodeKeyPackageMessage(message);
  const { leafNode: leaf } = keyPackage;
  return {
    ref: keyPackageRef(keyPackage),
    protocolVersion: VERSIONS.id(keyPackage.version),
    ciphersuite: SUITES.id(keyPackage.cipherSuite),
    identity: leaf.credential.credentialType === 'basic' ? leaf.credential.identity : undefined,
    signatureKey: leaf.signaturePublicKey,
    capabilities: capabilityFacts(leaf.capabilities),
    lifetime: leaf.lifetime,
    leafExtensions: leaf.extensions.map(extensionFacts),
    keyPackageExtensions: keyPackage.extensions.map(extensionFacts),
    leafSignatureValid: leafSignatureValid(leaf, NO_GROUP, 0),
    keyPackageSignatureValid: keyPackageSignatureValid(keyPackage),
  };
}

const capabilityFacts = (capabilities: Capabilities): KeyPackageFacts['capabilities'] => ({
  versions: capabilities.versions.map(VERSIONS.id),
  ciphersuites: capabilities.ciphersuites.map(SUITES.id),
  extensions: capabilities.extensions,
  proposals: capabilities.proposals,
  credentials: capabilities.credentials.map(CREDENTIALS.id),
});

const extensionFacts = ({ extensionType, extensionData }: Extension): ExtensionData => ({
  type: extensionTypeToNumber(extensionType),
  data: extensionData,
});
