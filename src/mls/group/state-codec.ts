/** A state as bytes: a version byte of ours, then every field. They hold private keys: seal them at rest. */
import { concatBytes } from '@noble/hashes/utils.js';
import { decodeGroupContext, encodeGroupContext, type GroupContext } from 'ts-mls/groupContext.js';
import type { KeySchedule } from 'ts-mls/keySchedule.js';
import { type ByteReader, decodeExactly, malformed, uint32, vector } from '../../protocol/bytes.ts';
import { MAX_STATE_BYTES } from '../limits.ts';
import { decodeExact, plainView } from '../messages/exact.ts';
import { proposalBytes, readProposal } from '../messages/proposal.ts';
import { decodeTree, treeBytes } from '../tree/codec.ts';
import type { MessageKey, Ratchet, SecretTree } from '../tree/secret-tree.ts';
import type { GroupState, PendingProposal } from './state.ts';

const FORMAT_VERSION = 1;

const SCHEDULE: readonly (keyof KeySchedule)[] = [
  'senderDataSecret',
  'exporterSecret',
  'externalSecret',
  'confirmationKey',
  'membershipKey',
  'resumptionPsk',
  'epochAuthenticator',
  'initSecret',
];

type Entry<T> = readonly [number, T];
const entries = <T>(items: Iterable<Entry<T>>, value: (item: T) => Uint8Array): Uint8Array =>
  vector(...[...items].map(([id, item]) => concatBytes(uint32(id), value(item))));
const readEntries = <T>(reader: ByteReader, readValue: (item: ByteReader) => T): Entry<T>[] =>
  reader.list((item) => [item.uint32(), readValue(item)]);

const messageKeyBytes = ({ key, nonce }: MessageKey): Uint8Array => concatBytes(vector(key), vector(nonce));
const ratchetBytes = ({ secret, generation, skipped }: Ratchet): Uint8Array =>
  concatBytes(vector(secret), uint32(generation), entries(skipped, messageKeyBytes));
const pendingBytes = ({ ref, sender, proposal }: PendingProposal): Uint8Array =>
  concatBytes(vector(ref), uint32(sender), proposalBytes(proposal));

const readMessageKey = (reader: ByteReader): MessageKey => ({ key: reader.vector(), nonce: reader.vector() });
const readRatchet = (reader: ByteReader): Ratchet => ({
  secret: reader.vector(),
  generation: reader.uint32(),
  skipped: new Map(readEntries(reader, readMessageKey)),
});
const readSecretTree = (reader: ByteReader): SecretTree => ({
  leaves: reader.uint32(),
  secrets: new Map(readEntries(reader, (item) => item.vector())),
  ratchets: new Map(readEntries(reader, readRatchet)),
});
const readPending = (reader: ByteReader): PendingProposal => ({
  ref: reader.vector(),
  sender: reader.uint32(),
  proposal: readProposal(reader),
});

export function encodeState(state: GroupState): Uint8Array {
  const { secretTree, path } = state;
  const privateKeys = Object.entries(path.privateKeys).map(([node, key]): Entry<Uint8Array> => [+node, key]);
  return concatBytes(
    Uint8Array.of(FORMAT_VERSION),
    vector(encodeGroupContext(state.context)),
    vector(treeBytes(state.tree)),
    ...SCHEDULE.map((name) => vector(state.schedule[name])),
    uint32(secretTree.leaves),
    entries(secretTree.secrets, vector),
    entries(secretTree.ratchets, ratchetBytes),
    uint32(path.leafIndex),
    entries(privateKeys, vector),
    vector(state.signaturePrivateKey),
    vector(state.confirmationTag),
    vector(...state.pending.map(pendingBytes)),
  );
}

const readContext = (reader: ByteReader): GroupContext =>
  decodeExact(
    { name: 'a GroupContext', decode: decodeGroupContext, encode: encodeGroupContext, limitBytes: 65_536 },
    reader.vector(),
  );

/** Copies: erasing secrets of the state leaves `bytes` alone. Throws DaemonError `malformed`, for any input. */
export function decodeState(bytes: Uint8Array): GroupState {
  if (bytes.length > MAX_STATE_BYTES) throw malformed(`a group state of ${bytes.length} bytes`);
  return decodeExactly(plainView(bytes), (reader) => {
    const version = reader.uint8();
    if (version !== FORMAT_VERSION) throw malformed(`a group state of unknown format ${version}`);
    return {
      context: readContext(reader),
      tree: decodeTree(reader.vector()),
      schedule: Object.fromEntries(SCHEDULE.map((name) => [name, reader.vector()])) as unknown as KeySchedule,
      secretTree: readSecretTree(reader),
      path: {
        leafIndex: reader.uint32(),
        privateKeys: Object.fromEntries(readEntries(reader, (item) => item.vector())),
      },
      signaturePrivateKey: reader.vector(),
      confirmationTag: reader.vector(),
      pending: reader.list(readPending),
    };
  });
}
