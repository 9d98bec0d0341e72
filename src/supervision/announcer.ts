import type { Health } from '../api/health.ts';
import { statusLine } from '../api/status.ts';
import { type NotInvitableReason, notInvitable } from '../health/assess.ts';
import { milliseconds, type UnixSeconds } from '../ids.ts';
import { isListening } from '../invitations/inbox-facts.ts';
import type { Policy, World } from '../keypackages/world.ts';
import type { Clock, Log, Supervisor } from '../ports.ts';

/** A start that has not read its inbox by then is declared degraded: the supervisor waits no longer. */
const READY_WITHIN_MS = milliseconds(30_000);
/** Every message may cost a process: a change of health is told soon, a change of figures seldom. */
const SOON_SEC = 5;
const SELDOM_SEC = 180;

/** Time alone mends none of these: waiting for them would only hide them. */
const LASTING: ReadonlySet<NotInvitableReason> = new Set([
  'no_relays_known',
  'no_write_relays',
  'no_inbox_relays',
]);

interface View {
  readonly line: string;
  readonly state: Health['state'];
}

interface Told extends View {
  readonly at: UnixSeconds;
}

/** Keeps the supervisor informed of when the daemon is ready, and of its status line. */
export interface Announcer {
  /** After every pass of the engine. */
  passed(world: World, health: Health): void;
  close(): void;
}

interface Parts {
  readonly clock: Clock;
  readonly log: Log;
  readonly supervisor: Supervisor;
  readonly policy: Policy;
}

/** The socket listens already: what is left to wait for is the inbox, past its stored events on one relay. */
export function createAnnouncer({ clock, log, supervisor, policy }: Parts): Announcer {
  let latest: { world: World; view: View } | undefined;
  let told: Told | undefined;
  let overdue = false;
  let cancelStatus: (() => void) | undefined;

  function declareReady(world: World, view: View): void {
    const degraded = isListening(world.inbox) ? undefined : notInvitable(world, policy);
    if (degraded === undefined) log.info('ready', { status: view.line });
    else log.warn('ready_degraded', { reason: degraded, status: view.line });
    told = { ...view, at: world.now };
    supervisor.ready(view.line);
  }

  function considerReady(): void {
    if (latest === undefined) return;
    const { world, view } = latest;
    const reason = notInvitable(world, policy);
    const lasting = reason !== undefined && LASTING.has(reason);
    if (overdue || lasting || isListening(world.inbox)) declareReady(world, view);
  }

  function tellStatus(): void {
    cancelStatus = undefined;
    if (latest === undefined || latest.view.line === told?.line) return;
    told = { ...latest.view, at: clock.now() };
    supervisor.status(told.line);
  }

  function scheduleStatus(before: Told, { view }: { view: View }): void {
    cancelStatus?.();
    cancelStatus = undefined;
    if (view.line === before.line) return;
    const waitSec = view.state === before.state ? SELDOM_SEC : SOON_SEC;
    const passedSec = Math.max(0, clock.now() - before.at);
    cancelStatus = clock.after(milliseconds(1_000 * Math.max(0, waitSec - passedSec)), tellStatus);
  }

  const cancelOverdue = clock.after(READY_WITHIN_MS, () => {
    overdue = true;
    if (told === undefined) considerReady();
  });

  return {
    passed(world, health) {
      latest = { world, view: { line: statusLine(world, policy, health), state: health.state } };
      if (told === undefined) considerReady();
      else scheduleStatus(told, latest);
    },
    close() {
      cancelOverdue();
      cancelStatus?.();
    },
  };
}
