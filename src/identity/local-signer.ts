import { decrypt, getConversationKey } from 'nostr-tools/nip44';
import { finalizeEvent } from 'nostr-tools/pure';
import { initNostrWasm } from 'nostr-wasm';
import type { EventId, PublicKey } from '../ids.ts';
import type { EventTemplate, Signer, SignerOutcome } from '../ports.ts';
import { isHex } from '../protocol/bytes.ts';
import type { NostrEvent } from '../records.ts';
import { fitsWasm, type WasmEvent } from './event-crypto.ts';

/** A Welcome to a group of 1,000 is about 1.6 MB after both layers of NIP-59; NIP-44 itself allows 4 GiB. */
const MAX_PAYLOAD_CHARACTERS = 4 * 1024 * 1024;

/**
 * The account key in this process. Takes over `secretKey`, a valid one, and zeroes it at close. The auxiliary
 * randomness of a signature comes from nostr-wasm itself, whose parameter for it has no effect.
 */
export async function createLocalSigner(secretKey: Uint8Array): Promise<Signer> {
  const wasm = await initNostrWasm();
  const account = Buffer.from(wasm.getPublicKey(secretKey)).toString('hex') as PublicKey;
  let closed = false;

  const whileOpen = <T>(work: () => SignerOutcome<T>): Promise<SignerOutcome<T>> =>
    Promise.resolve(closed ? { kind: 'absent', reason: 'the account key was put away' } : work());

  const signed = ({ created_at, kind, tags, content }: EventTemplate): NostrEvent => {
    const template = { created_at, kind, tags: tags.map((tag) => [...tag]), content };
    if (!fitsWasm(template)) {
      // nostr-tools marks what it is given as verified, and a copy made by spreading inherits the mark.
      const { id, sig } = finalizeEvent({ ...template }, secretKey);
      return { ...template, id: id as EventId, pubkey: account, sig };
    }
    const event: WasmEvent = { ...template, id: '' as EventId, pubkey: account, sig: '' };
    wasm.finalizeEvent(event, secretKey);
    return event;
  };

  return {
    account,
    type: 'local',
    sign: (template) => whileOpen(() => ({ kind: 'ok', value: signed(template) })),
    decrypt: (peer, payload) => whileOpen(() => decrypted(secretKey, peer, payload)),
    close: async () => {
      closed = true;
      secretKey.fill(0);
    },
  };
}

/** NIP-44 version 2. A payload that does not decrypt is the sender's doing: refused, not a failure of ours. */
function decrypted(secretKey: Uint8Array, peer: PublicKey, payload: string): SignerOutcome<string> {
  if (payload.length > MAX_PAYLOAD_CHARACTERS) return { kind: 'refused', reason: 'the payload is too long' };
  if (!isHex(peer, 32)) return { kind: 'refused', reason: 'the peer is no public key' };
  let conversationKey: Uint8Array | undefined;
  try {
    conversationKey = getConversationKey(secretKey, peer);
    return { kind: 'ok', value: decrypt(payload, conversationKey) };
  } catch {
    return { kind: 'refused', reason: 'the payload does not decrypt with this account and peer' };
  } finally {
    conversationKey?.fill(0);
  }
}
