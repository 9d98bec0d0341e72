import { beforeAll, describe, expect, test } from 'vitest';
import type { GroupFacts, MemberFacts } from '../../../src/groups/group-facts.ts';
import { judgeMember, judgeMembers } from '../../../src/groups/member-rules.ts';
import type { GroupProblem } from '../../../src/groups/problem.ts';
import { readSettings } from '../../../src/groups/settings.ts';
import { inviterOf, judgeInvitation } from '../../../src/groups/welcome-rules.ts';
import { createEventCrypto } from '../../../src/identity/event-crypto.ts';
import type { PublicKey } from '../../../src/ids.ts';
import type { EventCrypto } from '../../../src/ports.ts';
import { decodeDictionary, encodeDictionary } from '../../../src/protocol/app-data-dictionary.ts';
import { adminPolicy, lifecycle, requiredComponents } from '../../../src/protocol/group-components.ts';
import { COMPONENT, EXTENSION } from '../../../src/protocol/kinds.ts';
import { admin, ours, soundGroup, withComponent, withMember } from './group-cases.ts';

let sound: GroupFacts;
let crypto: EventCrypto;
beforeAll(async () => {
  [sound, crypto] = await Promise.all([soundGroup(), createEventCrypto()]);
});

const judge = (facts: GroupFacts, signer = 0) =>
  judgeInvitation({ facts, signer, account: ours.account.publicKey }).map(({ code }) => code);
const stranger = `${'f'.repeat(63)}1`;
const required = (...ids: number[]) => requiredComponents.encode(ids);

test('an invitation in order has nothing against it, and says who invites to what', () => {
  expect(judge(sound)).toEqual([]);
  const invitation = { facts: sound, signer: 0, account: ours.account.publicKey };
  expect(inviterOf(invitation)).toBe(admin.account.publicKey);
  expect(readSettings(sound.extensions)).toMatchObject({
    profile: { name: 'Friends' },
    admins: [admin.account.publicKey],
    routing: { relays: ['wss://relay.example'] },
  });
});

describe('one thing out of order is one problem', () => {
  const { adminPolicy: admins, accountIdentityProof: proof, nostrRouting: routing } = COMPONENT;
  const without = (facts: GroupFacts, type: number): GroupFacts => ({
    ...facts,
    extensions: facts.extensions.filter((extension) => extension.type !== type),
  });
  const requiring = (facts: GroupFacts, ...lists: string[]): GroupFacts => ({
    ...facts,
    extensions: facts.extensions.map((extension) =>
      extension.type === EXTENSION.requiredCapabilities
        ? { ...extension, data: new Uint8Array(Buffer.from(lists.join(''), 'hex')) }
        : extension,
    ),
  });
  const list = COMPONENT.appComponents;
  const cases: [GroupProblem['code'], string, (facts: GroupFacts) => GroupFacts][] = [
    ['components_malformed', 'no dictionary', (facts) => without(facts, EXTENSION.appDataDictionary)],
    [
      'components_malformed',
      'a component that cannot be read',
      (facts) => withComponent(facts, COMPONENT.groupProfile, Uint8Array.of(9)),
    ],
    [
      'required_capabilities_missing',
      'none required',
      (facts) => without(facts, EXTENSION.requiredCapabilities),
    ],
    [
      'required_capabilities_missing',
      'app_data_update not required',
      (facts) => requiring(facts, '020006', '02000a', '00'),
    ],
    [
      'required_capabilities_missing',
      'the dictionary not required',
      (facts) => requiring(facts, '00', '020008', '00'),
    ],
    [
      'required_components_missing',
      'no list of components',
      (facts) => withComponent(facts, list, undefined),
    ],
    [
      'required_components_missing',
      'the admin policy not required',
      (facts) => withComponent(facts, list, required(proof)),
    ],
    [
      'required_components_missing',
      'the account proof not required',
      (facts) => withComponent(facts, list, required(admins)),
    ],
    [
      'component_unsupported',
      'a component that is not ours',
      (facts) => withComponent(facts, list, required(admins, proof, 0x9999)),
    ],
    [
      'admins_missing',
      'an empty admin policy',
      (facts) => withComponent(facts, admins, adminPolicy.encode([])),
    ],
    [
      'admin_without_leaf',
      'an admin from outside',
      (facts) =>
        withComponent(
          facts,
          admins,
          adminPolicy.encode([admin.account.publicKey, stranger as PublicKey].sort()),
        ),
    ],
    ['routing_missing', 'no relays', (facts) => withComponent(facts, routing, undefined)],
    [
      'disbanded',
      'an ended group',
      (facts) => withComponent(facts, lifecycle.id, lifecycle.encode('disbanded')),
    ],
    [
      'not_for_account',
      'a leaf of another account',
      (facts) => withMember(facts, 1, { identity: facts.members[2]?.identity }),
    ],
  ];
  // An admin policy that is empty or names nobody present also leaves the inviter without its role.
  const follows: Partial<Record<GroupProblem['code'], GroupProblem['code'][]>> = {
    admins_missing: ['inviter_not_admin'],
  };
  test.each(cases)('%s: %s', (code, _, change) => {
    expect(judge(change(sound))).toEqual([code, ...(follows[code] ?? [])]);
  });

  test('inviter_not_admin: the signer is an ordinary member, or nobody', () => {
    expect(judge(sound, 2)).toEqual(['inviter_not_admin']);
    expect(judge(sound, 9)).toEqual(['inviter_not_admin']);
  });
});

test('a group that does not require self_remove yet is accepted', () => {
  const data = new Uint8Array(Buffer.from('02000602000800', 'hex'));
  const extensions = sound.extensions.map((extension) =>
    extension.type === EXTENSION.requiredCapabilities ? { ...extension, data } : extension,
  );
  expect(judge({ ...sound, extensions })).toEqual([]);
});

describe('members', () => {
  const third = (): MemberFacts => sound.members[2] as MemberFacts;
  const dictionary = (member: MemberFacts) =>
    decodeDictionary((member.leafExtensions[0] as { data: Uint8Array }).data);
  const withLeaf = (data: Uint8Array): Partial<MemberFacts> => ({
    leafExtensions: [{ type: EXTENSION.appDataDictionary, data }],
  });
  const proofOf = (member: MemberFacts) =>
    dictionary(member).find(({ id }) => id === COMPONENT.accountIdentityProof)?.data as Uint8Array;

  test('of a sound group all have valid leaves', async () => {
    expect(await judgeMembers(sound.members, crypto.verifySignature, async () => {})).toEqual([]);
  });

  test('of a large group are judged in slices with room for others in between', async () => {
    let breaths = 0;
    const many = Array.from({ length: 40 }, () => ({ ...third(), identity: undefined }));
    const problems = await judgeMembers(many, crypto.verifySignature, async () => void breaths++);
    expect([problems.length, breaths]).toEqual([40, 2]);
  });

  const cases: [GroupProblem['code'], string, () => Partial<MemberFacts>][] = [
    ['credential_invalid', 'another type of credential', () => ({ identity: undefined })],
    ['credential_invalid', 'an identity that is no key', () => ({ identity: new Uint8Array(32).fill(0xff) })],
    ['dictionary_malformed', 'components that cannot be read', () => withLeaf(Uint8Array.of(5))],
    ['proof_missing', 'no proof', () => withLeaf(encodeDictionary(dictionary(third()).slice(0, 2)))],
    [
      'proof_repeated',
      'two proofs',
      () => ({ leafExtensions: [...third().leafExtensions, ...third().leafExtensions] }),
    ],
    ['proof_invalid', 'a proof for another key', () => ({ signatureKey: new Uint8Array(32) })],
    ['proof_invalid', 'a proof of another account', () => ({ identity: sound.members[0]?.identity })],
    [
      'proof_invalid',
      'a signature that was changed',
      () => {
        const proof = proofOf(third());
        const changed = proof.with(-1, (proof.at(-1) as number) ^ 1);
        const entries = dictionary(third()).map((entry) =>
          entry.id === COMPONENT.accountIdentityProof ? { ...entry, data: changed } : entry,
        );
        return withLeaf(encodeDictionary(entries));
      },
    ],
  ];
  test.each(cases)('%s: %s', (code, _, change) => {
    expect(judgeMember({ ...third(), ...change() }, crypto.verifySignature)?.code).toBe(code);
  });
});
