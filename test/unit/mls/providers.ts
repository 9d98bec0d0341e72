import { type CiphersuiteImpl, getCiphersuiteFromName, getCiphersuiteImpl } from 'ts-mls';
import { CIPHERSUITE_NAME, createProvider } from '../../../src/mls/crypto/provider.ts';
import { createSeededRandom } from '../../support/random.ts';

export const ownProvider = createProvider(createSeededRandom('provider'));
export const defaultProvider = await getCiphersuiteImpl(getCiphersuiteFromName(CIPHERSUITE_NAME));

/** For `describe.each`: a vector that fails in both columns is wrong itself, or the library is. */
export const PROVIDERS: [name: string, provider: CiphersuiteImpl][] = [
  ['our provider', ownProvider],
  ["ts-mls' default provider", defaultProvider],
];
