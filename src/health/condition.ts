import { plus, type RelayUrl } from '../ids.ts';
import type { World } from '../keypackages/world.ts';

/** Stable names; docs/operations.md says what each means. */
export type ConditionCode =
  | 'not_invitable'
  | 'pool_incomplete'
  | 'restored'
  | 'stale'
  | 'stale_soon'
  | 'expiring'
  | 'foreign_package'
  | 'relay_down'
  | 'relay_unreadable'
  | 'relay_silent'
  | 'relay_rejects'
  | 'relay_lost_package'
  | 'relay_serves_older'
  | 'invite_flood'
  | 'seen_full'
  | 'inbox_deaf'
  | 'inbox_hidden'
  | 'inbox_stuck'
  | 'signer_absent'
  | 'clock_skew'
  | 'disk_failing'
  | 'disk_low'
  | 'engine_stuck';

/** What failed, where it is not a relay. */
type Part =
  | 'configuration'
  | 'relay_lists'
  | 'inbox'
  | 'key_packages'
  | 'signer'
  | 'clock'
  | 'disk'
  | 'engine';

/** Something that is not as it should be, in words a person acts on. At most one for a code and dependency. */
export interface Condition {
  readonly code: ConditionCode;
  readonly severity: 'warning' | 'error';
  /** The relay it is about, or the part of this installation. */
  readonly dependsOn: RelayUrl | Part;
  readonly message: string;
  /** The command or setting that mends it. */
  readonly repair: string;
}

/** Right after a start things are under way, not wrong. */
const STARTING_SEC = 60;

/** True while what is missing can still be the start itself. */
export const starting = (world: World): boolean =>
  world.now >= world.session.startedAt && world.now < plus(world.session.startedAt, STARTING_SEC);
