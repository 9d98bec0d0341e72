/**
 * What a group does, on bytes: the same functions on the main thread and in the worker. States come in and go
 * out as bytes, everything else is plain data. Decoded secrets live for one call only.
 */
import type { CiphersuiteImpl } from 'ts-mls';
import type { ErrorCode } from '../../errors.ts';
import type { CommitChange, GroupFacts, ProposalFact } from '../../groups/group-facts.ts';
import type { PrivateKeyPackage } from '../../records.ts';
import { type CommitRequest, createCommit } from '../group/commit-create.ts';
import { groupFacts } from '../group/facts.ts';
import { joinGroup } from '../group/join.ts';
import { processMessage } from '../group/process.ts';
import { allSecretsOf, erase, type GroupState } from '../group/state.ts';
import { decodeState, encodeState } from '../group/state-codec.ts';
import { orRefused, type Refused } from '../refusal.ts';

export interface JoinCall {
  /** MLSMessage(mls_welcome). */
  readonly welcome: Uint8Array;
  readonly keyPackage: PrivateKeyPackage;
  /** MLS group ids, hex, of the groups we are in. */
  readonly heldGroups: readonly string[];
}

export type JoinAnswer =
  | {
      readonly kind: 'joined';
      readonly state: Uint8Array;
      readonly facts: GroupFacts;
      /** Leaf index of who invites. */
      readonly signer: number;
    }
  | Refused;

export interface ProcessCall {
  readonly state: Uint8Array;
  readonly message: Uint8Array;
}

export type ProcessAnswer =
  | {
      readonly kind: 'application';
      readonly state: Uint8Array;
      readonly sender: number;
      readonly data: Uint8Array;
      readonly authenticatedData: Uint8Array;
    }
  | {
      readonly kind: 'proposal';
      readonly state: Uint8Array;
      readonly sender: number;
      readonly proposal: ProposalFact;
    }
  | {
      readonly kind: 'commit';
      readonly state: Uint8Array;
      readonly change: CommitChange;
      readonly before: GroupFacts;
      readonly after: GroupFacts;
    }
  | { readonly kind: 'removed'; readonly change: CommitChange; readonly before: GroupFacts }
  | Refused;

export interface CommitCall {
  readonly state: Uint8Array;
  readonly request: CommitRequest;
}

export type CommitAnswer =
  | {
      readonly kind: 'created';
      readonly state: Uint8Array;
      readonly message: Uint8Array;
      readonly welcome: Uint8Array | undefined;
      readonly change: CommitChange;
      readonly before: GroupFacts;
      readonly after: GroupFacts;
    }
  | Refused;

/** The bytes of a state that nobody needs decoded any more. */
function packed(state: GroupState): Uint8Array {
  const bytes = encodeState(state);
  erase(allSecretsOf(state));
  return bytes;
}

async function runJoin(cs: CiphersuiteImpl, call: JoinCall): Promise<JoinAnswer> {
  const outcome = await joinGroup(cs, call);
  if (outcome.kind === 'refused') return outcome;
  const { state, signer } = outcome;
  return { kind: 'joined', facts: groupFacts(state), signer, state: packed(state) };
}

async function runProcess(cs: CiphersuiteImpl, call: ProcessCall): Promise<ProcessAnswer> {
  const before = decodeState(call.state);
  const outcome = await processMessage(cs, before, call.message);
  const answer = processAnswer(before, outcome);
  erase(allSecretsOf(before));
  return answer;
}

function processAnswer(
  before: GroupState,
  outcome: Awaited<ReturnType<typeof processMessage>>,
): ProcessAnswer {
  switch (outcome.kind) {
    case 'refused':
      return outcome;
    case 'removed':
      return { kind: 'removed', change: outcome.change, before: groupFacts(before) };
    case 'commit': {
      const { change, state } = outcome;
      const facts = { before: groupFacts(before), after: groupFacts(state) };
      return { kind: 'commit', change, ...facts, state: packed(state) };
    }
    case 'proposal': {
      const { kind, sender, proposal, state } = outcome;
      return { kind, sender, proposal, state: packed(state) };
    }
    case 'application': {
      const { kind, sender, data, authenticatedData, state, consumed } = outcome;
      const bytes = packed(state);
      erase(consumed);
      return { kind, sender, data, authenticatedData, state: bytes };
    }
  }
}

async function runCommit(cs: CiphersuiteImpl, call: CommitCall): Promise<CommitAnswer> {
  const before = decodeState(call.state);
  const answer = await orRefused<CommitAnswer>(async () => {
    const { state, message, welcome, change } = await createCommit(cs, before, call.request);
    const facts = { before: groupFacts(before), after: groupFacts(state) };
    return { kind: 'created', message, welcome, change, ...facts, state: packed(state) };
  });
  erase(allSecretsOf(before));
  return answer;
}

/** By name, for a thread that gets the name in a message. */
export const OPERATIONS = { join: runJoin, process: runProcess, commit: runCommit } as const;
export type OperationName = keyof typeof OPERATIONS;
export type Call<N extends OperationName> = Parameters<(typeof OPERATIONS)[N]>[1];
export type Answer<N extends OperationName> = Awaited<ReturnType<(typeof OPERATIONS)[N]>>;

/** What the thread sends back. Errors lose their class on the way: `failure` is what a DaemonError is made of. */
export interface ThreadMessage {
  readonly id: number;
  readonly answer?: Answer<OperationName>;
  readonly failure?: { readonly code: ErrorCode; readonly message: string };
}
