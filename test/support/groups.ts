/** Members of real MLS groups, over the functions of the MLS room. */

import { unixSeconds } from '../../src/ids.ts';
import { createProvider } from '../../src/mls/crypto/provider.ts';
import { type CommitRequest, type CreatedCommit, createCommit } from '../../src/mls/group/commit-create.ts';
import { createGroup } from '../../src/mls/group/create.ts';
import { joinGroup } from '../../src/mls/group/join.ts';
import { type ProcessOutcome, processMessage } from '../../src/mls/group/process.ts';
import type { GroupState } from '../../src/mls/group/state.ts';
import { protectPublic, signFramed } from '../../src/mls/messages/auth.ts';
import {
  type HandshakeContent,
  publicMessageBytes,
  readPublicMessage,
  WIRE,
} from '../../src/mls/messages/framing.ts';
import { createMls } from '../../src/mls/mls.ts';
import type { Random } from '../../src/ports.ts';
import { accountProofTemplate, encodeAccountProof } from '../../src/protocol/account-proof.ts';
import type { ComponentData } from '../../src/protocol/app-data-dictionary.ts';
import { decodeExactly } from '../../src/protocol/bytes.ts';
import {
  adminPolicy,
  groupContextExtensions,
  groupProfile,
  nostrRouting,
  requiredComponents,
} from '../../src/protocol/group-components.ts';
import { COMPONENT } from '../../src/protocol/kinds.ts';
import type { PrivateKeyPackage } from '../../src/records.ts';
import { createAccount, type TestAccount } from './nostr.ts';

const NOW = 1_800_000_000;

export interface TestClient {
  readonly account: TestAccount;
  /** A fresh KeyPackage, as the profile wants it. */
  keyPackage(): PrivateKeyPackage;
}

export interface TestGroups {
  readonly cs: ReturnType<typeof createProvider>;
  client(name: string | number): TestClient;
  /** A group of `founder` and `invited` after the founding commit, as each of them holds it, founder first. */
  found(founder: TestClient, invited: readonly TestClient[]): Promise<GroupState[]>;
  create(founder: TestClient, components?: readonly ComponentData[]): Promise<GroupState>;
  join(keyPackage: PrivateKeyPackage, welcome: Uint8Array | undefined): Promise<GroupState>;
}

/** Everything is drawn from `random`. */
export function createTestGroups(random: Random): TestGroups {
  const cs = createProvider(random);
  const mls = createMls(random);
  const client = (name: string | number): TestClient => {
    const account = createAccount(`member ${name}`);
    return {
      account,
      keyPackage() {
        const signatureKeyPair = mls.newSignatureKeyPair();
        const proof = account.sign(accountProofTemplate(signatureKeyPair.publicKey, unixSeconds(NOW)));
        return mls.generateKeyPackage({
          account: account.publicKey,
          signatureKeyPair,
          accountProof: encodeAccountProof(proof),
          lastResort: false,
          notBefore: unixSeconds(NOW - 3_600),
          notAfter: unixSeconds(NOW + 86_400),
        });
      },
    };
  };
  const create: TestGroups['create'] = (founder, components = groupComponents(founder)) =>
    createGroup(cs, {
      groupId: random.bytes(32),
      creator: founder.keyPackage(),
      extensions: groupContextExtensions(components),
    });
  const join: TestGroups['join'] = async (keyPackage, welcome) => {
    if (welcome === undefined) throw new Error('no Welcome to join from');
    return joined(await joinGroup(cs, { welcome, keyPackage, heldGroups: [] }));
  };
  return {
    cs,
    client,
    create,
    join,
    async found(founder, invited) {
      const packages = invited.map((guest) => guest.keyPackage());
      const commit = await createCommit(cs, await create(founder), {
        add: packages.map(({ message }) => message),
      });
      const guests = [];
      for (const keyPackage of packages) guests.push(await join(keyPackage, commit.welcome));
      return [commit.state, ...guests];
    },
  };
}

/** The components of a group whose one admin is `founder`. */
function groupComponents(founder: TestClient): ComponentData[] {
  const required = [
    COMPONENT.groupProfile,
    COMPONENT.adminPolicy,
    COMPONENT.nostrRouting,
    COMPONENT.accountIdentityProof,
  ];
  return [
    { id: requiredComponents.id, data: requiredComponents.encode(required) },
    { id: groupProfile.id, data: groupProfile.encode({ name: 'Friends', description: '' }) },
    { id: adminPolicy.id, data: adminPolicy.encode([founder.account.publicKey]) },
    {
      id: nostrRouting.id,
      data: nostrRouting.encode({ nostrGroupId: 'ab'.repeat(32), relays: ['wss://relay.example'] }),
    },
  ];
}

/** An outcome that was not the expected one, for a test to throw. */
const unexpected = (outcome: object): Error => new Error(`unexpected outcome: ${JSON.stringify(outcome)}`);

/** The state of a join that has to work. */
export function joined(outcome: Awaited<ReturnType<typeof joinGroup>>): GroupState {
  if (outcome.kind !== 'joined') throw unexpected(outcome);
  return outcome.state;
}

/** The next state of an outcome that has to have one. */
export function stateAfter(outcome: ProcessOutcome): GroupState {
  if (outcome.kind === 'refused' || outcome.kind === 'removed') throw unexpected(outcome);
  return outcome.state;
}

/** What everyone else makes of a message, in order; every state but the sender's and those it removes. */
export async function deliver(
  groups: TestGroups,
  states: readonly GroupState[],
  message: Uint8Array,
): Promise<GroupState[]> {
  const next = [];
  for (const state of states) {
    const outcome = await processMessage(groups.cs, state, message);
    if (outcome.kind !== 'removed') next.push(stateAfter(outcome));
  }
  return next;
}

/** The member at `committer` commits, the others follow: the states of the next epoch, the committer's first. */
export async function commitRound(
  groups: TestGroups,
  states: readonly GroupState[],
  committer: number,
  request: CommitRequest,
): Promise<{ states: GroupState[]; commit: CreatedCommit }> {
  const commit = await createCommit(groups.cs, states[committer] as GroupState, request);
  const others = states.filter((_, at) => at !== committer);
  return { states: [commit.state, ...(await deliver(groups, others, commit.message))], commit };
}

export const authenticator = ({ schedule }: GroupState): string =>
  Buffer.from(schedule.epochAuthenticator).toString('hex');

/** A handshake message with other content, which `sender` really signed; only a confirmation tag cannot be right. */
export function resigned(
  { context, signaturePrivateKey, schedule }: GroupState,
  message: Uint8Array,
  change: (content: HandshakeContent) => HandshakeContent,
): Uint8Array {
  const { framed, auth } = decodeExactly(message.subarray(HEAD_BYTES), readPublicMessage);
  const forged = { ...framed, content: change(framed.content) };
  const signature = signFramed(WIRE.public, forged, context, signaturePrivateKey);
  return publicMessageBytes(protectPublic(forged, { ...auth, signature }, context, schedule.membershipKey));
}

/** Version and wire format. */
const HEAD_BYTES = 4;
