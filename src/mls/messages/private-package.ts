/**
 * The private half of a KeyPackage as bytes; ts-mls has no codec for it. A version byte, then three
 * `opaque<V>` private keys: init, leaf encryption, leaf signature.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import type { PrivateKeyPackage } from 'ts-mls';
import { type ByteReader, decodeExactly, malformed, vector } from '../../protocol/bytes.ts';
import { KEY_BYTES } from '../crypto/okp.ts';
import { plainView } from './exact.ts';

const FORMAT_VERSION = 1;

export function encodePrivatePackage(keys: PrivateKeyPackage): Uint8Array {
  return concatBytes(
    Uint8Array.of(FORMAT_VERSION),
    vector(keys.initPrivateKey),
    vector(keys.hpkePrivateKey),
    vector(keys.signaturePrivateKey),
  );
}

/** Copies of the three raw 32-byte keys. Throws DaemonError `malformed`, for any input. */
export function decodePrivatePackage(bytes: Uint8Array): PrivateKeyPackage {
  return decodeExactly(plainView(bytes), (reader) => {
    const version = reader.uint8();
    if (version !== FORMAT_VERSION) throw malformed(`private KeyPackage of unknown format ${version}`);
    return {
      initPrivateKey: readKey(reader),
      hpkePrivateKey: readKey(reader),
      signaturePrivateKey: readKey(reader),
    };
  });
}

function readKey(reader: ByteReader): Uint8Array {
  const key = reader.vector();
  if (key.length !== KEY_BYTES) throw malformed(`a private key of ${key.length} bytes`);
  return key;
}
