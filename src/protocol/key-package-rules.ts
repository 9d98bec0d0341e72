/** The rules a decoded KeyPackage is judged by (protocol.md section 3): each says no with its own code, or nothing. */
import type { PublicKey, UnixSeconds } from '../ids.ts';
import type { EventCrypto, KeyPackageFacts } from '../ports.ts';
import { checkAccountProof } from './account-proof.ts';
import { dictionaryEntries, isAscending } from './app-data-dictionary.ts';
import { ifWellFormed } from './bytes.ts';
import { accountOf } from './credential.ts';
import { MAX_LIFETIME_SEC, supportedComponents } from './key-package-content.ts';
import { type KeyPackageLists, type KeyPackageTags, listsOf } from './key-package-tags.ts';
import { CIPHERSUITE, COMPONENT, idText, isDefaultExtension, isDefaultProposal, MLS10 } from './kinds.ts';

export interface KeyPackageProblem {
  readonly code:
    | 'version_unsupported'
    | 'ciphersuite_unsupported'
    | 'key_package_signature_invalid'
    | 'leaf_signature_invalid'
    | 'credential_invalid'
    | 'author_mismatch'
    | 'lifetime_missing'
    | 'lifetime_not_current'
    | 'lifetime_too_long'
    | 'dictionary_malformed'
    | 'proof_missing'
    | 'proof_repeated'
    | 'proof_invalid'
    | 'ref_mismatch'
    | 'list_mismatch'
    | 'default_ids_listed';
  /** Which part of the package, or how far off; our own words. */
  readonly detail: string;
}

/** A package, what its event says of it, and the moment of judgement. */
export interface KeyPackageCase {
  readonly facts: KeyPackageFacts;
  readonly tags: KeyPackageTags;
  readonly author: PublicKey;
  readonly now: UnixSeconds;
  readonly verifySignature: EventCrypto['verifySignature'];
}

type Rule = (given: KeyPackageCase) => KeyPackageProblem | undefined;

const fixedNumbers: Rule = ({ facts: { protocolVersion, ciphersuite } }) => {
  if (protocolVersion !== MLS10) return { code: 'version_unsupported', detail: idText(protocolVersion) };
  if (ciphersuite !== CIPHERSUITE) return { code: 'ciphersuite_unsupported', detail: idText(ciphersuite) };
  return undefined;
};

const keyPackageSignature: Rule = ({ facts }) =>
  facts.keyPackageSignatureValid
    ? undefined
    : { code: 'key_package_signature_invalid', detail: 'KeyPackageTBS' };

const leafSignature: Rule = ({ facts }) =>
  facts.leafSignatureValid ? undefined : { code: 'leaf_signature_invalid', detail: 'LeafNodeTBS' };

const credential: Rule = ({ facts, author }) => {
  const account = accountOf(facts.identity);
  if (account === undefined)
    return { code: 'credential_invalid', detail: 'not a basic credential with a key' };
  return account === author ? undefined : { code: 'author_mismatch', detail: 'signed by another account' };
};

const lifetimeNow: Rule = ({ facts: { lifetime }, now }) => {
  if (lifetime === undefined) return { code: 'lifetime_missing', detail: 'no lifetime' };
  if (now < lifetime.notBefore) return { code: 'lifetime_not_current', detail: 'not valid yet' };
  return now < lifetime.notAfter ? undefined : { code: 'lifetime_not_current', detail: 'expired' };
};

const lifetimeLength: Rule = ({ facts: { lifetime } }) =>
  lifetime === undefined || lifetime.notAfter - lifetime.notBefore <= MAX_LIFETIME_SEC
    ? undefined
    : { code: 'lifetime_too_long', detail: `more than ${MAX_LIFETIME_SEC} s` };

const leafDictionary: Rule = ({ facts, verifySignature }) => {
  const entries = ifWellFormed(() => dictionaryEntries(facts.leafExtensions));
  if (entries === undefined || ifWellFormed(() => supportedComponents(facts)) === undefined) {
    return { code: 'dictionary_malformed', detail: 'leaf' };
  }
  const [proof, ...more] = entries.filter(({ id }) => id === COMPONENT.accountIdentityProof);
  if (proof === undefined) return { code: 'proof_missing', detail: 'no account proof' };
  if (more.length > 0) return { code: 'proof_repeated', detail: 'more than one account proof' };
  if (!isAscending(entries)) return { code: 'dictionary_malformed', detail: 'leaf, order' };
  // Without an account there is nobody to prove: the credential rule says so.
  if (facts.identity === undefined || accountOf(facts.identity) === undefined) return undefined;
  const verdict = checkAccountProof(proof.data, facts.signatureKey, facts.identity, verifySignature);
  return verdict === 'valid' ? undefined : { code: 'proof_invalid', detail: verdict };
};

const keyPackageDictionary: Rule = ({ facts }) => {
  const entries = ifWellFormed(() => dictionaryEntries(facts.keyPackageExtensions));
  return entries !== undefined && isAscending(entries)
    ? undefined
    : { code: 'dictionary_malformed', detail: 'KeyPackage' };
};

const ref: Rule = ({ facts, tags }) =>
  tags.ref === undefined || tags.ref === facts.ref ? undefined : { code: 'ref_mismatch', detail: 'i' };

const defaultIds: Rule = ({ facts: { capabilities } }) => {
  const listed = [
    ...capabilities.extensions.filter(isDefaultExtension),
    ...capabilities.proposals.filter(isDefaultProposal),
  ];
  return listed.length === 0
    ? undefined
    : { code: 'default_ids_listed', detail: listed.map(idText).join(' ') };
};

const list =
  (name: keyof KeyPackageLists): Rule =>
  ({ facts, tags }) => {
    const said = tags.lists[name];
    const components = ifWellFormed(() => supportedComponents(facts));
    if (said === undefined || components === undefined) return undefined;
    const meant = new Set(listsOf(facts.capabilities, components)[name].map(idText));
    const equal = said.length === meant.size && said.every((id) => meant.has(id));
    return equal ? undefined : { code: 'list_mismatch', detail: name };
  };

const RULES: readonly Rule[] = [
  fixedNumbers,
  keyPackageSignature,
  leafSignature,
  credential,
  lifetimeNow,
  lifetimeLength,
  leafDictionary,
  keyPackageDictionary,
  ref,
  list('mls_extensions'),
  list('mls_proposals'),
  list('app_components'),
  defaultIds,
];

/** Everything that is wrong with it. */
export const judgeKeyPackage = (given: KeyPackageCase): KeyPackageProblem[] =>
  RULES.flatMap((rule) => rule(given) ?? []);
