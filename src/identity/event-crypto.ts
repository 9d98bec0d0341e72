import { schnorr } from '@noble/curves/secp256k1.js';
import { initNostrWasm } from 'nostr-wasm';
import type { EventCrypto, EventTemplate } from '../ports.ts';
import { isHex } from '../protocol/bytes.ts';
import { eventId } from '../protocol/nip01.ts';
import type { NostrEvent } from '../records.ts';

/**
 * nostr-wasm hashes inside a fixed memory of about 900 KB and calls a larger event invalid, which would lose
 * the Welcome of a large group. Escaping can make 6 bytes of one UTF-16 unit, so this is well inside.
 */
const MAX_WASM_UNITS = 65_536;

/** The wasm calls want mutable tags; they do not change them. */
export type WasmEvent = { -readonly [K in keyof NostrEvent]: NostrEvent[K] } & { tags: string[][] };

/** NIP-01 and BIP-340 checks: libsecp256k1 in WebAssembly, JavaScript for what does not fit there. */
export async function createEventCrypto(): Promise<EventCrypto> {
  const wasm = await initNostrWasm();
  const verifySmall = (event: NostrEvent): boolean => {
    try {
      wasm.verifyEvent(event as WasmEvent);
      return true;
    } catch {
      return false;
    }
  };
  return {
    verifyEvent: (event) => {
      // nostr-wasm trusts its hex: with an empty id it would accept any signed event.
      if (!isHex(event.id, 32) || !isHex(event.pubkey, 32) || !isHex(event.sig, 64)) return false;
      if (fitsWasm(event)) return verifySmall(event);
      return eventId(event) === event.id && verifySignature(event.id, event.pubkey, event.sig);
    },
    verifySignature,
  };
}

/** Whether nostr-wasm has room to hash this event. */
export function fitsWasm({ content, tags }: EventTemplate): boolean {
  return content.length <= MAX_WASM_UNITS && content.length + JSON.stringify(tags).length <= MAX_WASM_UNITS;
}

function verifySignature(id: string, pubkey: string, sig: string): boolean {
  if (!isHex(id, 32) || !isHex(pubkey, 32) || !isHex(sig, 64)) return false;
  return schnorr.verify(Buffer.from(sig, 'hex'), Buffer.from(id, 'hex'), Buffer.from(pubkey, 'hex'));
}
