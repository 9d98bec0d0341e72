import { type Action, jobKey, type Obstacle } from '../decision.ts';
import type { RelayUrl, UnixSeconds } from '../ids.ts';
import { isListening } from '../invitations/inbox-facts.ts';
import type { World } from './world.ts';

/** Why no KeyPackage may be made or sent now, if so (protocol.md section 4). */
export function publicationObstacle(world: World): Obstacle | undefined {
  if (world.roles.write === undefined || world.roles.inbox === undefined) return 'no_relay_lists';
  if (world.roles.write.length === 0) return 'no_write_relays';
  if (world.roles.inbox.length === 0) return 'no_inbox_relays';
  if (!isListening(world.inbox)) return 'inbox_not_listening';
  return undefined;
}

/**
 * What is new replaces what the relays hold, so that is looked at first: a package of another copy of this state
 * would go unnoticed. A relay that does not answer the question holds up nothing.
 */
export function slotsObstacle({ roles, session }: World): Obstacle | undefined {
  const connected = (roles.write ?? []).filter((relay) => session.connected.has(relay));
  if (connected.length === 0) return 'not_connected';
  const asked = (relay: RelayUrl): boolean =>
    session.readBackAt.has(relay) || session.readBackFailedAt.has(relay);
  return connected.every(asked) ? undefined : 'slots_not_read';
}

/** How far ahead of the local clock an event may be dated (protocol.md section 3). */
const MAX_AHEAD_SEC = 300;

/** A successor of an event dated `last` would have to be dated too far ahead: our clock is behind. */
export const clockObstacle = (world: World, last: UnixSeconds | undefined): Obstacle | undefined =>
  last !== undefined && last + 1 > world.now + MAX_AHEAD_SEC ? 'clock_behind' : undefined;

/** Why nothing may be signed now, if so. */
export function signingObstacle({ session, now }: World): Obstacle | undefined {
  if (session.busy.has('sign')) return 'in_progress';
  return session.signer !== undefined && session.signer.retryAt > now ? 'signer_absent' : undefined;
}

/** Why the relay of this action cannot be asked now, if so. */
export function connectionObstacle(
  { session }: World,
  action: Extract<Action, { kind: 'deliver' | 'read_back' }>,
): Obstacle | undefined {
  if (!session.connected.has(action.relay)) return 'not_connected';
  return session.busy.has(jobKey(action)) ? 'in_progress' : undefined;
}
