import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { unixSeconds } from '../../../src/ids.ts';
import { createMls } from '../../../src/mls/mls.ts';
import type { KeyPackageRequest } from '../../../src/ports.ts';
import { createAccount } from '../../support/nostr.ts';
import { createSeededRandom } from '../../support/random.ts';

export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** For `toThrow`: the one error of every decoder. */
export const MALFORMED = expect.objectContaining({ name: 'DaemonError', code: 'malformed' });

/** A file of test/vectors, parsed. */
export function vectors<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(`../../vectors/${path}`, import.meta.url), 'utf8')) as T;
}

/** test/vectors/key-package-rust.json */
interface RustKeyPackage {
  readonly mls_message: string;
  readonly key_package_ref: string;
  readonly account: string;
  readonly signature_key: string;
  readonly capabilities: Readonly<Record<string, readonly number[]>>;
  readonly app_components: readonly number[];
  readonly last_resort: boolean;
  readonly not_before: number;
  readonly not_after: number;
  readonly lifetime_cases: readonly { readonly range_seconds: number; readonly accepted: boolean }[];
}
export const rustKeyPackage = vectors<RustKeyPackage>('key-package-rust.json');

const random = createSeededRandom('mls');
export const mls = createMls(random);

/** What the engine asks for; the account proof is any 104 bytes, its validity is the protocol room's affair. */
export function sampleRequest(overrides: Partial<KeyPackageRequest> = {}): KeyPackageRequest {
  return {
    account: createAccount(1).publicKey,
    signatureKeyPair: mls.newSignatureKeyPair(),
    accountProof: random.bytes(104),
    lastResort: false,
    notBefore: unixSeconds(1_800_000_000 - 3_600),
    notAfter: unixSeconds(1_800_000_000 + 7_257_600),
    ...overrides,
  };
}
