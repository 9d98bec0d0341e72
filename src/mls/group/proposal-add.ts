/** The KeyPackage inside an Add proposal (RFC 9420 section 10.1). */
import type { KeyPackage } from 'ts-mls';
import type { GroupContext } from 'ts-mls/groupContext.js';
import { constantTimeEqual } from '../crypto/symmetric.ts';
import { keyPackageSignatureValid } from '../messages/key-package-message.ts';
import { ensure } from '../refusal.ts';
import { checkLeafSignature } from '../tree/rules.ts';

/** Refusals: `invalid`, `unauthentic`. Whether the Lifetime is current is for those to judge who have a clock. */
export function checkKeyPackage(keyPackage: KeyPackage, context: GroupContext): void {
  const { leafNode, initKey, version, cipherSuite } = keyPackage;
  const sameSuite = version === context.version && cipherSuite === context.cipherSuite;
  ensure(sameSuite, 'invalid', 'a KeyPackage for another version or ciphersuite');
  ensure(!constantTimeEqual(initKey, leafNode.hpkePublicKey), 'invalid', 'a KeyPackage with one key twice');
  checkLeafSignature(leafNode, context.groupId, 0);
  ensure(keyPackageSignatureValid(keyPackage), 'unauthentic', 'the signature of a KeyPackage is invalid');
}
