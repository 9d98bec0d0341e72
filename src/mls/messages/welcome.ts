/** Welcome, GroupSecrets and GroupInfo (RFC 9420 section 12.4.3), exactly decoded. */
import { bytesToHex, concatBytes } from '@noble/hashes/utils.js';
import type { CiphersuiteImpl, GroupInfo, Welcome } from 'ts-mls';
import {
  decodeGroupInfo,
  encodeGroupInfo,
  encodeGroupInfoTBS,
  extractWelcomeSecret,
} from 'ts-mls/groupInfo.js';
import { decodeGroupSecrets, encodeGroupSecrets, type GroupSecrets } from 'ts-mls/groupSecrets.js';
import { welcomeKey, welcomeNonce } from 'ts-mls/welcome.js';
import type { KeyPackageRef } from '../../ids.ts';
import { decodeExactly, uint16, vector } from '../../protocol/bytes.ts';
import { MLS10 } from '../../protocol/kinds.ts';
import { signWithLabel, verifyWithLabel } from '../crypto/labelled.ts';
import { MAX_WELCOME_BYTES } from '../limits.ts';
import { ensure } from '../refusal.ts';
import { SUITES } from '../tree/leaf.ts';
import { decodeExact, type ExactCodec, plainView } from './exact.ts';
import { messageHead, WIRE } from './framing.ts';

/** Throws refusals: `malformed`, `unsupported`, `limit`. */
export function decodeWelcome(message: Uint8Array): Welcome {
  ensure(message.length <= MAX_WELCOME_BYTES, 'limit', `a Welcome of ${message.length} bytes`);
  return decodeExactly(plainView(message), (reader) => {
    const [version, wireformat] = [reader.uint16(), reader.uint16()];
    ensure(version === MLS10 && wireformat === WIRE.welcome, 'unsupported', 'not a Welcome of MLS 1.0');
    return {
      cipherSuite: SUITES.name(reader.uint16()),
      secrets: reader.list((item) => ({
        newMember: item.vector(),
        encryptedGroupSecrets: { kemOutput: item.vector(), ciphertext: item.vector() },
      })),
      encryptedGroupInfo: reader.vector(),
    };
  });
}

export const encodeWelcome = ({ cipherSuite, secrets, encryptedGroupInfo }: Welcome): Uint8Array =>
  concatBytes(
    messageHead(WIRE.welcome),
    uint16(SUITES.id(cipherSuite)),
    vector(
      ...secrets.map(({ newMember, encryptedGroupSecrets: { kemOutput, ciphertext } }) =>
        concatBytes(vector(newMember), vector(kemOutput), vector(ciphertext)),
      ),
    ),
    vector(encryptedGroupInfo),
  );

/** The KeyPackages a Welcome is for: which private package to take is asked of this, never of an event tag. */
export function welcomeRefs(message: Uint8Array): KeyPackageRef[] {
  return decodeWelcome(message).secrets.map(({ newMember }) => bytesToHex(newMember) as KeyPackageRef);
}

export const GROUP_SECRETS: ExactCodec<GroupSecrets> = {
  name: 'the GroupSecrets of a Welcome',
  decode: decodeGroupSecrets,
  encode: encodeGroupSecrets,
  limitBytes: 65_536,
};

const GROUP_INFO: ExactCodec<GroupInfo> = {
  name: 'the GroupInfo of a Welcome',
  decode: decodeGroupInfo,
  encode: encodeGroupInfo,
  limitBytes: MAX_WELCOME_BYTES,
};

async function groupInfoKey(welcomeSecret: Uint8Array, cs: CiphersuiteImpl) {
  return { key: await welcomeKey(welcomeSecret, cs), nonce: await welcomeNonce(welcomeSecret, cs) };
}

export async function sealGroupInfo(
  info: Omit<GroupInfo, 'signature'>,
  signaturePrivateKey: Uint8Array,
  welcomeSecret: Uint8Array,
  cs: CiphersuiteImpl,
): Promise<Uint8Array> {
  const signature = signWithLabel(signaturePrivateKey, 'MLS 1.0 GroupInfoTBS', encodeGroupInfoTBS(info));
  const { key, nonce } = await groupInfoKey(welcomeSecret, cs);
  return cs.hpke.encryptAead(key, nonce, undefined, encodeGroupInfo({ ...info, signature }));
}

export async function openGroupInfo(
  sealed: Uint8Array,
  joinerSecret: Uint8Array,
  pskSecret: Uint8Array,
  cs: CiphersuiteImpl,
): Promise<GroupInfo> {
  const welcomeSecret = await extractWelcomeSecret(joinerSecret, pskSecret, cs.kdf);
  const { key, nonce } = await groupInfoKey(welcomeSecret, cs);
  welcomeSecret.fill(0);
  return decodeExact(GROUP_INFO, await cs.hpke.decryptAead(key, nonce, undefined, sealed));
}

export const groupInfoSignatureValid = (info: GroupInfo, publicKey: Uint8Array): boolean =>
  verifyWithLabel(publicKey, 'MLS 1.0 GroupInfoTBS', encodeGroupInfoTBS(info), info.signature);
