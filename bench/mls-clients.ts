/** The clients that `bench/mls.ts` compares, behind one interface: ts-mls on either provider, and our room. */
import {
  type CiphersuiteImpl,
  type ClientState,
  createApplicationMessage,
  createCommit as createLibraryCommit,
  decodeGroupState,
  encodeGroupState,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  type KeyPackage,
} from 'ts-mls';
import { makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { createProvider } from '../src/mls/crypto/provider.ts';
import { createCommit } from '../src/mls/group/commit-create.ts';
import { joinGroup } from '../src/mls/group/join.ts';
import { processMessage } from '../src/mls/group/process.ts';
import type { GroupState } from '../src/mls/group/state.ts';
import { decodeState, encodeState } from '../src/mls/group/state-codec.ts';
import { decodeKeyPackageMessage } from '../src/mls/messages/key-package-message.ts';
import { sealApplication } from '../src/mls/messages/private-message.ts';
import { createMls } from '../src/mls/mls.ts';
import type { KeyPackageRequest, Random } from '../src/ports.ts';
import type { PrivateKeyPackage } from '../src/records.ts';
import { joinAsLibrary, processAsLibrary } from '../test/unit/mls/library.ts';

/** A member in one epoch; nothing changes it. */
export interface Member {
  selfUpdate(): Promise<unknown>;
  /** `message` is MLSMessage(mls_key_package). */
  add(message: Uint8Array): Promise<unknown>;
  seal(text: Uint8Array): Promise<unknown>;
  /** `message` is an MLSMessage of another member. */
  open(message: Uint8Array): Promise<unknown>;
  encode(): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

export interface Client {
  readonly name: string;
  /** A KeyPackage: made, encoded, its ref computed. */
  keyPackage(request: KeyPackageRequest): Promise<unknown>;
  join(keyPackage: PrivateKeyPackage, welcome: Uint8Array): Promise<Member>;
}

export function ownClient(random: Random): Client {
  const mls = createMls(random);
  const cs = createProvider(random);
  const member = (state: GroupState): Member => ({
    selfUpdate: () => createCommit(cs, state, {}),
    add: (message) => createCommit(cs, state, { add: [message] }),
    seal: (text) => sealApplication(cs, state, text),
    open: async (message) => {
      const outcome = await processMessage(cs, state, message);
      if (outcome.kind !== 'application') throw new Error(outcome.kind);
    },
    // As after a commit: the bytes of another tree are not known yet.
    encode: () => encodeState({ ...state, tree: state.tree.slice() }),
    decode: decodeState,
  });
  return {
    name: 'our room',
    keyPackage: async (request) => mls.generateKeyPackage(request),
    join: async (keyPackage, welcome) => {
      const outcome = await joinGroup(cs, { welcome, keyPackage, heldGroups: [] });
      if (outcome.kind !== 'joined') throw new Error(outcome.detail);
      return member(outcome.state);
    },
  };
}

export function libraryClient(name: string, cs: CiphersuiteImpl, template: PrivateKeyPackage): Client {
  const { leafNode, extensions } = decodeKeyPackageMessage(template.message);
  const member = (state: ClientState): Member => {
    const commit = (added: readonly KeyPackage[]) =>
      createLibraryCommit(
        { state, cipherSuite: cs },
        {
          wireAsPublicMessage: true,
          ratchetTreeExtension: true,
          extraProposals: added.map((keyPackage) => ({ proposalType: 'add', add: { keyPackage } })),
        },
      );
    return {
      selfUpdate: () => commit([]),
      add: (message) => commit([decodeKeyPackageMessage(message)]),
      seal: (text) => createApplicationMessage(state, text, cs),
      open: (message) => processAsLibrary(state, message, cs),
      encode: () => encodeGroupState(state),
      decode: (bytes) => decodeGroupState(bytes, 0),
    };
  };
  return {
    name,
    keyPackage: async ({ signatureKeyPair: { publicKey, privateKey: signKey } }) => {
      const { credential, capabilities, lifetime } = leafNode;
      const keys = { publicKey, signKey };
      const { publicPackage: keyPackage } = await generateKeyPackageWithKey(
        credential,
        capabilities,
        lifetime,
        extensions,
        keys,
        cs,
        leafNode.extensions,
      );
      encodeMlsMessage({ version: 'mls10', wireformat: 'mls_key_package', keyPackage });
      return makeKeyPackageRef(keyPackage, cs.hash);
    },
    join: async (keyPackage, welcome) => member(await joinAsLibrary(keyPackage, welcome, cs)),
  };
}
