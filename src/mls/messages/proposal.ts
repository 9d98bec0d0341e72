/**
 * Proposals (RFC 9420 section 12.1) and the two of draft-ietf-mls-extensions that the profile uses. The
 * library would wrap the bodies of those two in a vector; on the wire they are bare (protocol.md section 6).
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { defaultProposalTypes, type Extension, type KeyPackage, type PreSharedKeyID } from 'ts-mls';
import type { LeafNodeUpdate } from 'ts-mls/leafNode.js';
import { encodePskId, resumptionPSKUsages } from 'ts-mls/presharedkey.js';
import { type ByteReader, uint16, uint32, vector } from '../../protocol/bytes.ts';
import { PROPOSAL } from '../../protocol/kinds.ts';
import { ensure, Refusal } from '../refusal.ts';
import { leafBytes, readLeaf } from '../tree/leaf.ts';
import { extensionsBytes, readExtensions } from './extensions.ts';
import { keyPackageBytes, readKeyPackage } from './key-package-message.ts';

export interface AppDataUpdate {
  readonly type: 'app_data_update';
  readonly componentId: number;
  /** The component's new bytes; undefined removes the component. */
  readonly update: Uint8Array | undefined;
}

export type Proposal =
  | { readonly type: 'add'; readonly keyPackage: KeyPackage }
  | { readonly type: 'update'; readonly leaf: LeafNodeUpdate }
  | { readonly type: 'remove'; readonly removed: number }
  | { readonly type: 'psk'; readonly id: PreSharedKeyID }
  | { readonly type: 'group_context_extensions'; readonly extensions: Extension[] }
  | AppDataUpdate
  | { readonly type: 'self_remove' };

const TYPES = {
  add: defaultProposalTypes.add,
  update: defaultProposalTypes.update,
  remove: defaultProposalTypes.remove,
  psk: defaultProposalTypes.psk,
  group_context_extensions: defaultProposalTypes.group_context_extensions,
  app_data_update: PROPOSAL.appDataUpdate,
  self_remove: PROPOSAL.selfRemove,
} as const satisfies Record<Proposal['type'], number>;

/** The proposals of one type. */
export const ofType = <T extends Proposal['type']>(
  proposals: readonly Proposal[],
  type: T,
): Extract<Proposal, { type: T }>[] =>
  proposals.filter((proposal): proposal is Extract<Proposal, { type: T }> => proposal.type === type);

/** The number of a proposal's type in its registry. */
export const proposalType = (proposal: Proposal): number => TYPES[proposal.type];

function bodyBytes(proposal: Proposal): Uint8Array {
  switch (proposal.type) {
    case 'add':
      return keyPackageBytes(proposal.keyPackage);
    case 'update':
      return leafBytes(proposal.leaf);
    case 'remove':
      return uint32(proposal.removed);
    case 'psk':
      return encodePskId(proposal.id);
    case 'group_context_extensions':
      return extensionsBytes(proposal.extensions);
    case 'app_data_update':
      return proposal.update === undefined
        ? concatBytes(uint16(proposal.componentId), Uint8Array.of(2))
        : concatBytes(uint16(proposal.componentId), Uint8Array.of(1), vector(proposal.update));
    case 'self_remove':
      return new Uint8Array(0);
  }
}

export const proposalBytes = (proposal: Proposal): Uint8Array =>
  concatBytes(uint16(proposalType(proposal)), bodyBytes(proposal));

/** Refusals: `unsupported` for ReInit, ExternalInit and types we do not know: their bodies have no frame. */
export function readProposal(reader: ByteReader): Proposal {
  const type = reader.uint16();
  switch (type) {
    case TYPES.add:
      return { type: 'add', keyPackage: readKeyPackage(reader) };
    case TYPES.update: {
      const leaf = readLeaf(reader);
      ensure(leaf.leafNodeSource === 'update', 'malformed', 'an Update with a leaf of another source');
      return { type: 'update', leaf };
    }
    case TYPES.remove:
      return { type: 'remove', removed: reader.uint32() };
    case TYPES.psk:
      return { type: 'psk', id: readPskId(reader) };
    case TYPES.group_context_extensions:
      return { type: 'group_context_extensions', extensions: readExtensions(reader) };
    case TYPES.app_data_update:
      return readAppDataUpdate(reader);
    case TYPES.self_remove:
      return { type: 'self_remove' };
    default:
      throw new Refusal('unsupported', `a proposal of type ${type}`);
  }
}

function readAppDataUpdate(reader: ByteReader): AppDataUpdate {
  const componentId = reader.uint16();
  const operation = reader.uint8();
  ensure(operation === 1 || operation === 2, 'malformed', `an app_data_update operation ${operation}`);
  return { type: 'app_data_update', componentId, update: operation === 1 ? reader.vector() : undefined };
}

const RESUMPTION_USAGES = Object.keys(resumptionPSKUsages) as (keyof typeof resumptionPSKUsages)[];

/** PreSharedKeyID of RFC 9420 section 8.4. */
function readPskId(reader: ByteReader): PreSharedKeyID {
  const type = reader.uint8();
  if (type === 1) return { psktype: 'external', pskId: reader.vector(), pskNonce: reader.vector() };
  ensure(type === 2, 'unsupported', `a pre-shared key of type ${type}`);
  const code = reader.uint8();
  const usage = RESUMPTION_USAGES.find((name) => resumptionPSKUsages[name] === code);
  ensure(usage !== undefined, 'malformed', `a resumption usage ${code}`);
  return {
    psktype: 'resumption',
    usage,
    pskGroupId: reader.vector(),
    pskEpoch: reader.uint64(),
    pskNonce: reader.vector(),
  };
}
