import type { EventId, KeyPackageRef, RelayUrl, SlotId, UnixSeconds } from './ids.ts';
import type { EraseCause, KeyPackageKind } from './records.ts';

/** Why a slot gets a new package; the first that holds, in this order, is the one reported. */
export type StageReason = 'slot_empty' | 'quarantined' | 'lifetime' | 'requested' | 'low_stock' | 'age';

export interface StageOrder {
  /** undefined: the slot is drawn with the package. */
  readonly slot: SlotId | undefined;
  readonly kind: KeyPackageKind;
  readonly reason: StageReason;
}

export type Action =
  | { readonly kind: 'stage'; readonly orders: readonly StageOrder[] }
  | { readonly kind: 'stage_lists' }
  | { readonly kind: 'deliver'; readonly relay: RelayUrl; readonly eventIds: readonly EventId[] }
  | { readonly kind: 'read_back'; readonly relay: RelayUrl }
  | { readonly kind: 'keep_until'; readonly ref: KeyPackageRef; readonly at: UnixSeconds }
  | { readonly kind: 'erase'; readonly ref: KeyPackageRef; readonly cause: EraseCause }
  | { readonly kind: 'quarantine' }
  | { readonly kind: 'sweep' };

/** Actions that are one commit and wait for nobody. */
type CommitAction = Extract<Action, { kind: 'keep_until' | 'erase' | 'quarantine' | 'sweep' }>;

/** What keeps a due action from being carried out now; each has its own health warning or passes by itself. */
export type Obstacle =
  | 'no_relay_lists'
  | 'no_write_relays'
  | 'no_inbox_relays'
  | 'inbox_not_listening'
  | 'not_connected'
  | 'slots_not_read'
  | 'signer_absent'
  | 'clock_behind'
  | 'lists_not_read'
  | 'in_progress';

/** One thing the engine will do: at once when `at` has come and nothing stands in the way. */
export interface Decision {
  readonly rule: string;
  readonly reason: string;
  readonly at: UnixSeconds;
  readonly action: Action;
  readonly obstacle?: Obstacle;
}

/** Jobs that must not run twice at a time share a key. */
export function jobKey(action: Exclude<Action, CommitAction>): string;
/** Commits have none: they are carried out within the pass. */
export function jobKey(action: Action): string | undefined;
export function jobKey(action: Action): string | undefined {
  switch (action.kind) {
    case 'stage':
    case 'stage_lists':
      return 'sign';
    case 'deliver':
      return `deliver ${action.relay}`;
    case 'read_back':
      return `read_back ${action.relay}`;
    case 'keep_until':
    case 'erase':
    case 'quarantine':
    case 'sweep':
      return undefined;
  }
}
