/** What one member holds of one group in one epoch: an immutable value. */
import type { GroupContext } from 'ts-mls/groupContext.js';
import type { KeySchedule } from 'ts-mls/keySchedule.js';
import type { PrivateKeyPath } from 'ts-mls/privateKeyPath.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import type { Proposal } from '../messages/proposal.ts';
import { type SecretTree, secretTreeSecrets } from '../tree/secret-tree.ts';

/** A proposal that was sent on its own and waits for a commit in the same epoch. */
export interface PendingProposal {
  readonly ref: Uint8Array;
  readonly sender: number;
  readonly proposal: Proposal;
}

export interface GroupState {
  readonly context: GroupContext;
  readonly tree: RatchetTree;
  readonly schedule: KeySchedule;
  readonly secretTree: SecretTree;
  /** Our leaf index, and the private keys of the nodes above it that we know, by node index. */
  readonly path: PrivateKeyPath;
  readonly signaturePrivateKey: Uint8Array;
  readonly confirmationTag: Uint8Array;
  readonly pending: readonly PendingProposal[];
}

const secretsOf = (state: GroupState): Uint8Array[] => [
  ...Object.values(state.schedule),
  ...secretTreeSecrets(state.secretTree),
  ...Object.values(state.path.privateKeys),
  state.signaturePrivateKey,
];

/**
 * The secrets of `before` that `after` does without. The caller gives them to `erase` once `after` is stored;
 * from then on `before` is dead, and what is to be rolled back to has to come from its bytes.
 */
export function consumedBy(before: GroupState, after: GroupState): Uint8Array[] {
  const alive = new Set(secretsOf(after));
  return secretsOf(before).filter((secret) => !alive.has(secret));
}

/** Every secret of a state that is given up: of an epoch that is not retained any more, or of a group left. */
export const allSecretsOf = (state: GroupState): Uint8Array[] => secretsOf(state);

/** Overwrites secrets in place. */
export function erase(secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}
