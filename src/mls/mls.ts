/** The MLS port: KeyPackages of ciphersuite 0x0001. */
import type { Mls, Random } from '../ports.ts';
import { generateKeyPair } from './crypto/okp.ts';
import { generateKeyPackage, readKeyPackage } from './messages/key-package.ts';

/** Synchronous and without state; every key is drawn from `random`. */
export function createMls(random: Random): Mls {
  return {
    newSignatureKeyPair: () => generateKeyPair('Ed25519', random),
    generateKeyPackage: (request) => generateKeyPackage(request, random),
    readKeyPackage,
  };
}
