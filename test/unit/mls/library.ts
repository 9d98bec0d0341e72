/** ts-mls as a client of its own: bytes in, its own states out. */
import {
  acceptAll,
  type CiphersuiteImpl,
  type ClientState,
  decodeMlsMessage,
  emptyPskIndex,
  joinGroup,
  type MLSMessage,
  processMessage,
} from 'ts-mls';
import { decodeKeyPackageMessage } from '../../../src/mls/messages/key-package-message.ts';
import { decodePrivatePackage } from '../../../src/mls/messages/private-package.ts';
import type { PrivateKeyPackage } from '../../../src/records.ts';

/** The message, which must have one of these wire formats. */
function decoded<W extends MLSMessage['wireformat']>(bytes: Uint8Array, ...wireformats: readonly W[]) {
  const message = decodeMlsMessage(bytes, 0)?.[0];
  if (message === undefined || !wireformats.some((wireformat) => wireformat === message.wireformat)) {
    throw new Error(`not ${wireformats.join(' or ')}`);
  }
  return message as Extract<MLSMessage, { wireformat: W }>;
}

export function joinAsLibrary(
  { message, privateBytes }: PrivateKeyPackage,
  welcome: Uint8Array,
  cs: CiphersuiteImpl,
): Promise<ClientState> {
  const { welcome: content } = decoded(welcome, 'mls_welcome');
  const keyPackage = decodeKeyPackageMessage(message);
  return joinGroup(content, keyPackage, decodePrivatePackage(privateBytes), emptyPskIndex, cs);
}

export function processAsLibrary(state: ClientState, message: Uint8Array, cs: CiphersuiteImpl) {
  const content = decoded(message, 'mls_public_message', 'mls_private_message');
  return processMessage(content, state, emptyPskIndex, acceptAll, cs);
}
