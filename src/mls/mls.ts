/** The MLS port: KeyPackages of ciphersuite 0x0001. */
import type { Mls, Random } from '../ports.ts';
import { generateKeyPackage, readKeyPackage } from './key-package.ts';
import { KEY_BYTES, publicKeyOf } from './okp.ts';

/** Synchronous and without state; every key is drawn from `random`. */
export function createMls(random: Random): Mls {
  return {
    newSignatureKeyPair: () => {
      const privateKey = random.bytes(KEY_BYTES);
      return { publicKey: publicKeyOf('Ed25519', privateKey), privateKey };
    },
    generateKeyPackage: (request) => generateKeyPackage(request, random),
    readKeyPackage,
  };
}
