/** PrivateMessage with application data (RFC 9420 section 6.3): the only content the profile encrypts so. */
import { concatBytes } from '@noble/hashes/utils.js';
import type { CiphersuiteImpl, PrivateMessage } from 'ts-mls';
import {
  decodePrivateMessageContent,
  encodePrivateContentAAD,
  encodePrivateMessage,
} from 'ts-mls/privateMessage.js';
import { encodeSenderDataAAD, expandSenderDataKey, expandSenderDataNonce } from 'ts-mls/sender.js';
import { type ByteReader, decodeExactly, uint32, vector } from '../../protocol/bytes.ts';
import { consumedBy, type GroupState } from '../group/state.ts';
import { ensure } from '../refusal.ts';
import { leafOf } from '../tree/path.ts';
import { keyOf, type MessageKey, nextKey } from '../tree/secret-tree.ts';
import { checkFramed, signFramed } from './auth.ts';
import { type FramedContent, messageHead, WIRE } from './framing.ts';

const APPLICATION = 1;
const REUSE_GUARD_BYTES = 4;
/** Contents are padded to a multiple of this, so that lengths tell less. */
const PADDING_BYTES = 256;

type Framed = FramedContent<{ readonly type: 'application'; readonly data: Uint8Array }>;

export interface OpenedMessage {
  readonly state: GroupState;
  /** Leaf index of the sender. */
  readonly sender: number;
  readonly data: Uint8Array;
  readonly authenticatedData: Uint8Array;
  readonly consumed: readonly Uint8Array[];
}

/** The body of a PrivateMessage. Refusals: `unsupported` for handshake content. */
export function readPrivateMessage(reader: ByteReader): PrivateMessage {
  const [groupId, epoch, contentType] = [reader.vector(), reader.uint64(), reader.uint8()];
  ensure(
    contentType === APPLICATION,
    'unsupported',
    `an encrypted message with content of type ${contentType}`,
  );
  return {
    groupId,
    epoch,
    contentType: 'application',
    authenticatedData: reader.vector(),
    encryptedSenderData: reader.vector(),
    ciphertext: reader.vector(),
  };
}

const guarded = (nonce: Uint8Array, guard: Uint8Array): Uint8Array =>
  nonce.map((byte, at) => byte ^ (guard[at] ?? 0));

async function senderDataKey(
  cs: CiphersuiteImpl,
  state: GroupState,
  ciphertext: Uint8Array,
): Promise<MessageKey> {
  const { senderDataSecret } = state.schedule;
  return {
    key: await expandSenderDataKey(cs, senderDataSecret, ciphertext),
    nonce: await expandSenderDataNonce(cs, senderDataSecret, ciphertext),
  };
}

/** Encrypts `data` as our next message of this epoch. */
export async function sealApplication(
  cs: CiphersuiteImpl,
  state: GroupState,
  data: Uint8Array,
): Promise<{ state: GroupState; message: Uint8Array; consumed: readonly Uint8Array[] }> {
  const { context, path } = state;
  const { groupId, epoch } = context;
  const authenticatedData = new Uint8Array(0);
  const head = { groupId, epoch, contentType: 'application', authenticatedData } as const;
  const framed: Framed = {
    groupId,
    epoch,
    sender: path.leafIndex,
    authenticatedData,
    content: { type: 'application', data },
  };
  const signature = signFramed(WIRE.private, framed, context, state.signaturePrivateKey);
  const plain = padded(concatBytes(vector(data), vector(signature)));

  const { tree, generation, messageKey } = await nextKey(state.secretTree, path.leafIndex, cs);
  const guard = cs.rng.randomBytes(REUSE_GUARD_BYTES);
  const nonce = guarded(messageKey.nonce, guard);
  const ciphertext = await cs.hpke.encryptAead(messageKey.key, nonce, encodePrivateContentAAD(head), plain);
  const senderKey = await senderDataKey(cs, state, ciphertext);
  const senderData = concatBytes(uint32(path.leafIndex), uint32(generation), guard);
  const aad = encodeSenderDataAAD(head);
  const encryptedSenderData = await cs.hpke.encryptAead(senderKey.key, senderKey.nonce, aad, senderData);
  const next = { ...state, secretTree: tree };
  return {
    state: next,
    message: concatBytes(
      messageHead(WIRE.private),
      encodePrivateMessage({ ...head, encryptedSenderData, ciphertext }),
    ),
    consumed: [...consumedBy(state, next), messageKey.key, messageKey.nonce],
  };
}

function padded(content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(content.length / PADDING_BYTES) * PADDING_BYTES);
  bytes.set(content);
  return bytes;
}

/** Opens a message of `state`'s epoch. Throws refusals. */
export async function openApplication(
  cs: CiphersuiteImpl,
  state: GroupState,
  message: PrivateMessage,
): Promise<OpenedMessage> {
  const { ciphertext, authenticatedData } = message;
  const senderKey = await senderDataKey(cs, state, ciphertext);
  const aad = encodeSenderDataAAD(message);
  const { sender, generation, guard } = readSenderData(
    await cs.hpke.decryptAead(senderKey.key, senderKey.nonce, aad, message.encryptedSenderData),
  );
  ensure(sender !== state.path.leafIndex, 'own_message', 'a message of our own');
  const { signaturePublicKey } = leafOf(state.tree, sender);
  const { tree, messageKey } = await keyOf(state.secretTree, sender, generation, cs);
  const plain = await cs.hpke.decryptAead(
    messageKey.key,
    guarded(messageKey.nonce, guard),
    encodePrivateContentAAD(message),
    ciphertext,
  );
  const { data, signature } = readContent(plain);
  const framed: Framed = {
    groupId: message.groupId,
    epoch: message.epoch,
    sender,
    authenticatedData,
    content: { type: 'application', data },
  };
  checkFramed(WIRE.private, framed, state.context, signature, signaturePublicKey);
  const next = { ...state, secretTree: tree };
  const consumed = [...consumedBy(state, next), messageKey.key, messageKey.nonce];
  return { state: next, sender, data, authenticatedData, consumed };
}

const readSenderData = (bytes: Uint8Array) =>
  decodeExactly(bytes, (reader) => ({
    sender: reader.uint32(),
    generation: reader.uint32(),
    guard: reader.bytes(REUSE_GUARD_BYTES),
  }));

/** PrivateMessageContent: data, signature, and nothing but zeroes behind them (section 6.3.1). */
function readContent(plain: Uint8Array): { data: Uint8Array; signature: Uint8Array } {
  const decoded = decodePrivateMessageContent('application')(plain, 0)?.[0];
  ensure(decoded?.contentType === 'application', 'malformed', 'padding that is not zero');
  const data = decoded.applicationData.slice();
  const { signature } = decoded.auth;
  const exact = concatBytes(vector(data), vector(signature));
  ensure(
    Buffer.compare(exact, plain.subarray(0, exact.length)) === 0,
    'malformed',
    'an inexact message content',
  );
  return { data, signature };
}
