import type { RelayUrl, UnixSeconds } from '../ids.ts';
import type { Filter, Subscription } from '../ports.ts';
import { createBackoff } from './backoff.ts';
import type { RelayContext } from './context.ts';
import type { Reader } from './intake.ts';
import { closeFrame, reqFrame } from './messages.ts';
import { createTimer } from './timer.ts';

/** One standing subscription on one relay, opened with fresh filters each time. */
export interface RelaySubscription {
  /** Writes the REQ, unless it is open or not wanted on this relay. */
  open(): void;
  /** Takes it back, and does not open it again. */
  close(): void;
  /** The connection ended. */
  lost(): void;
  reader(id: string): Reader | undefined;
  onEndOfStored(id: string): void;
  /** The relay closed it: opened again after a while. */
  onClosed(id: string, words: string): void;
  progress(): 'not_open' | 'reading' | 'caught_up';
}

export interface RelaySubscriptionOptions {
  readonly relay: RelayUrl;
  send(frame: string): boolean;
  nextId(): string;
  onChange(): void;
}

/** One REQ from being written to its CLOSE. Its id is used once: what comes late for another is not mistaken. */
interface Opening extends Reader {
  readonly id: string;
  readonly openedAt: UnixSeconds;
  heard: boolean;
  caughtUp: boolean;
}

export function createRelaySubscription(
  context: Pick<RelayContext, 'clock' | 'random' | 'log' | 'limits'>,
  subscription: Subscription,
  { relay, send, nextId, onChange }: RelaySubscriptionOptions,
): RelaySubscription {
  const { clock, log, limits } = context;
  const backoff = createBackoff(context);
  /** Until it should have caught up, or until it is opened again. */
  const timer = createTimer(clock);
  let opening: Opening | undefined;

  const open = () => {
    if (opening !== undefined) return;
    const filter = subscription.filter(relay);
    if (filter === undefined) return;
    opening = createOpening(filter);
    backoff.up();
    send(reqFrame(opening.id, filter));
    awaitCaughtUp(opening);
  };
  const createOpening = (filter: Filter): Opening => {
    const created: Opening = {
      id: nextId(),
      filter,
      eventBytes: subscription.eventBytes ?? limits.eventBytes,
      openedAt: clock.now(),
      heard: false,
      caughtUp: false,
      onEvent(event, bytes) {
        created.heard = true;
        subscription.onEvent(event, relay, bytes);
      },
      onSkipped(skipped) {
        created.heard = true;
        subscription.onSkipped?.(skipped, relay);
      },
    };
    return created;
  };
  /** A relay that goes silent before end-of-stored-events is asked again. */
  const awaitCaughtUp = (current: Opening) => {
    current.heard = false;
    timer.set(limits.caughtUpMs, () => {
      if (current.heard) return awaitCaughtUp(current);
      close();
      openLater('no end of stored events');
    });
  };
  const openLater = (reason: string) => {
    const delayMs = backoff.down();
    log.info('relay_subscription_closed', { relay, name: subscription.name, reason, delayMs });
    timer.set(delayMs, open);
    onChange();
  };
  const lost = () => {
    timer.clear();
    opening = undefined;
  };
  const close = () => {
    if (opening !== undefined) send(closeFrame(opening.id));
    lost();
  };

  return {
    open,
    close,
    lost,
    reader: (id) => (opening?.id === id ? opening : undefined),
    onEndOfStored(id) {
      if (opening?.id !== id || opening.caughtUp) return;
      opening.caughtUp = true;
      timer.clear();
      subscription.onCaughtUp(relay, opening.openedAt);
      onChange();
    },
    onClosed(id, words) {
      if (opening?.id !== id) return;
      lost();
      openLater(words || 'closed by the relay');
    },
    progress() {
      if (opening !== undefined) return opening.caughtUp ? 'caught_up' : 'reading';
      return timer.isSet() ? 'reading' : 'not_open';
    },
  };
}
