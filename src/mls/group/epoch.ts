/** From one epoch to the next (RFC 9420 section 8): the same steps for who commits and who follows. */
import type { CiphersuiteImpl } from 'ts-mls';
import { initializeEpoch } from 'ts-mls/keySchedule.js';
import type { PrivateKeyPath } from 'ts-mls/privateKeyPath.js';
import { accumulatePskSecret, type PskIndex } from 'ts-mls/pskIndex.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { leafWidth } from 'ts-mls/treemath.js';
import { hmacSha256 } from '../crypto/symmetric.ts';
import { confirmedTranscript, interimTranscript } from '../messages/auth.ts';
import type { Commit } from '../messages/commit.ts';
import type { FramedContent } from '../messages/framing.ts';
import { ofType, type Proposal } from '../messages/proposal.ts';
import { rootHash } from '../tree/hash.ts';
import type { PathOutcome } from '../tree/path.ts';
import { createSecretTree } from '../tree/secret-tree.ts';
import type { Applied } from './proposal-apply.ts';
import type { GroupState } from './state.ts';

export interface EpochInput {
  readonly state: GroupState;
  readonly framed: FramedContent<{ readonly type: 'commit'; readonly commit: Commit }>;
  readonly signature: Uint8Array;
  readonly applied: Applied;
  /** Undefined for a commit without an UpdatePath. */
  readonly path: PathOutcome | undefined;
  readonly proposals: readonly Proposal[];
  readonly psks: PskIndex;
}

export interface NextEpoch {
  readonly state: GroupState;
  /** For the Welcome; the caller erases both. */
  readonly joinerSecret: Uint8Array;
  readonly welcomeSecret: Uint8Array;
  readonly pskSecret: Uint8Array;
}

export async function nextEpoch(input: EpochInput, cs: CiphersuiteImpl): Promise<NextEpoch> {
  const { state, applied, path } = input;
  const tree = path?.tree ?? applied.tree;
  const context = {
    ...applied.context,
    epoch: state.context.epoch + 1n,
    treeHash: path?.treeHash ?? rootHash(tree, state.tree),
    confirmedTranscriptHash: confirmedTranscript(
      interimTranscript(state.context.confirmedTranscriptHash, state.confirmationTag),
      input.framed,
      input.signature,
    ),
  };
  const zeroes = new Uint8Array(cs.kdf.size);
  const ids = ofType(input.proposals, 'psk').map(({ id }) => id);
  const [pskSecret] = await accumulatePskSecret(ids, input.psks, cs, zeroes);
  const commitSecret = path?.commitSecret ?? zeroes;
  const secrets = await initializeEpoch(state.schedule.initSecret, commitSecret, context, pskSecret, cs.kdf);
  path?.commitSecret.fill(0);
  const { keySchedule: schedule, encryptionSecret, joinerSecret, welcomeSecret } = secrets;
  return {
    state: {
      context,
      tree,
      schedule,
      secretTree: createSecretTree(leafWidth(tree.length), encryptionSecret),
      path: nextPath(state.path, tree, path?.privateKeys ?? {}),
      signaturePrivateKey: state.signaturePrivateKey,
      confirmationTag: confirmationTag(schedule.confirmationKey, context.confirmedTranscriptHash),
      pending: [],
    },
    joinerSecret,
    welcomeSecret,
    pskSecret,
  };
}

/** Section 6.1. */
export const confirmationTag = (
  confirmationKey: Uint8Array,
  confirmedTranscriptHash: Uint8Array,
): Uint8Array => hmacSha256(confirmationKey, confirmedTranscriptHash);

/** Keys of nodes that are blank now open nothing any more. */
function nextPath(
  old: PrivateKeyPath,
  tree: RatchetTree,
  fresh: Readonly<Record<number, Uint8Array>>,
): PrivateKeyPath {
  const kept = Object.entries({ ...old.privateKeys, ...fresh }).filter(([node]) => tree[+node] !== undefined);
  return { leafIndex: old.leafIndex, privateKeys: Object.fromEntries(kept) };
}
