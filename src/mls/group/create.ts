/** A new group of one member (RFC 9420 section 11), at epoch 0; its founding commit adds the others. */
import type { CiphersuiteImpl } from 'ts-mls';
import { deriveSecret } from 'ts-mls/crypto/kdf.js';
import type { GroupContext } from 'ts-mls/groupContext.js';
import { initializeKeySchedule } from 'ts-mls/keySchedule.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import type { ExtensionData } from '../../protocol/app-data-dictionary.ts';
import type { PrivateKeyPackage } from '../../records.ts';
import { extensionOf } from '../messages/extensions.ts';
import { decodeKeyPackageMessage } from '../messages/key-package-message.ts';
import { decodePrivatePackage } from '../messages/private-package.ts';
import { rootHash } from '../tree/hash.ts';
import { leafRules } from '../tree/rules.ts';
import { createSecretTree } from '../tree/secret-tree.ts';
import { confirmationTag } from './epoch.ts';
import { erase, type GroupState } from './state.ts';

export interface CreateRequest {
  readonly groupId: Uint8Array;
  /** The creator's leaf and its keys: a fresh KeyPackage that was never published. */
  readonly creator: PrivateKeyPackage;
  /** GroupContext extensions, in the order that is hashed (protocol.md section 6). */
  readonly extensions: readonly ExtensionData[];
}

/** Throws a Refusal when the creator's own leaf does not support the group's extensions. */
export async function createGroup(cs: CiphersuiteImpl, request: CreateRequest): Promise<GroupState> {
  const { leafNode: leaf } = decodeKeyPackageMessage(request.creator.message);
  const keys = decodePrivatePackage(request.creator.privateBytes);
  erase([keys.initPrivateKey]);
  const tree: RatchetTree = [{ nodeType: 'leaf', leaf }];
  const context: GroupContext = {
    version: 'mls10',
    cipherSuite: cs.name,
    groupId: request.groupId,
    epoch: 0n,
    treeHash: rootHash(tree),
    confirmedTranscriptHash: new Uint8Array(0),
    extensions: request.extensions.map(extensionOf),
  };
  leafRules(context)(leaf);
  const epochSecret = cs.rng.randomBytes(cs.kdf.size);
  const schedule = await initializeKeySchedule(epochSecret, cs.kdf);
  const encryptionSecret = await deriveSecret(epochSecret, 'encryption', cs.kdf);
  erase([epochSecret]);
  return {
    context,
    tree,
    schedule,
    secretTree: createSecretTree(1, encryptionSecret),
    path: { leafIndex: 0, privateKeys: { 0: keys.hpkePrivateKey } },
    signaturePrivateKey: keys.signaturePrivateKey,
    confirmationTag: confirmationTag(schedule.confirmationKey, context.confirmedTranscriptHash),
    pending: [],
  };
}
