import { milliseconds, type RelayUrl, type UnixSeconds } from '../ids.ts';
import type { InboxTrouble, SkippedCounts } from '../invitations/inbox-facts.ts';
import { fraction } from '../random.ts';
import type { InboxCursor } from '../records.ts';
import type { InboxDeps } from './deps.ts';
import type { Keeper } from './keep.ts';
import { createReading, type ReadingResult } from './reading.ts';

const MIN_SEC = 60;
const HOUR_SEC = 3_600;
/** Until what a relay holds is read again, with up to a quarter more or less; sooner where it was caught being deaf. */
const AGAIN_SEC = 6 * HOUR_SEC;
const DEAF_AGAIN_SEC = 10 * MIN_SEC;
/** Until a reading that broke off goes on: doubling. */
const FIRST_RETRY_SEC = 5;
const MAX_RETRY_SEC = 5 * MIN_SEC;
const STUCK_AGAIN_SEC = HOUR_SEC;
const NO_ROOM_AGAIN_SEC = MIN_SEC;

/** The receiving half on one inbox relay: what is pushed is counted, what is stored there is read and read again. */
export interface Channel {
  /** Its live subscription is past its stored events. */
  listens(): void;
  /** Its connection or subscription ended. */
  lost(): void;
  /** A gift wrap was pushed. */
  pushed(): void;
  /** What was pushed found no room: it is asked for again. */
  turnedAway(): void;
  /** There is room again. */
  roomy(): void;
  isListening(): boolean;
  /** What the relay holds cannot be read on: there is no room for it. */
  isWaitingForRoom(): boolean;
  isRead(): boolean;
  trouble(): InboxTrouble;
  skipped(): SkippedCounts;
  close(): Promise<void>;
}

export interface ChannelEvents {
  /** A fact changed. */
  changed(): void;
  /** A reading came to its end. */
  read(): Promise<void>;
  failed(error: unknown): void;
}

export function createChannel(
  deps: InboxDeps,
  keeper: Keeper,
  relay: RelayUrl,
  cursors: Map<RelayUrl, InboxCursor>,
  events: ChannelEvents,
): Channel {
  const { clock, random, log } = deps;
  const reading = createReading(deps, keeper, relay, cursors);
  let listening = false;
  let isRead = false;
  let closed = false;
  /** Pushed since the last whole reading over this subscription; undefined: there was none yet. */
  let pushedSince: number | undefined;
  let waitsForRoom = false;
  let failures = 0;
  let deaf = false;
  let hidden: readonly UnixSeconds[] = [];
  let stuck: string | undefined;
  let cancel = (): void => {};
  let running: Promise<void> | undefined;
  let again = false;

  const readIn = (sec: number): void => {
    cancel();
    if (closed) return;
    cancel = clock.after(milliseconds(Math.ceil(sec * 1_000)), readNow);
  };

  function readNow(): void {
    if (closed || !listening) return;
    if (running !== undefined) {
      again = true;
      return;
    }
    cancel();
    waitsForRoom = false;
    running = reading
      .read()
      .then(settle)
      .catch((error: unknown) => events.failed(error))
      .finally(() => {
        running = undefined;
        if (again) {
          again = false;
          readNow();
        }
      });
  }

  async function settle(result: ReadingResult): Promise<void> {
    if (result.kind === 'unread') {
      note(result);
      return;
    }
    failures = 0;
    stuck = undefined;
    hidden = result.hidden;
    if (result.hidden.length > 0) log.warn('inbox_hidden', { relay, seconds: result.hidden.length });
    // What a subscription that was open all the while has not pushed.
    const missed = pushedSince === undefined ? 0 : result.found - pushedSince;
    if (missed > 0) log.warn('inbox_relay_deaf', { relay, count: missed });
    if (pushedSince !== undefined) deaf = missed > 0 || (deaf && pushedSince === 0);
    pushedSince = 0;
    isRead = listening;
    readIn((deaf ? DEAF_AGAIN_SEC : AGAIN_SEC) * (3 / 4 + fraction(random) / 2));
    events.changed();
    await events.read();
  }

  function note({ cause, reason }: Extract<ReadingResult, { kind: 'unread' }>): void {
    stuck = cause === 'stuck' ? reason : undefined;
    if (cause === 'no_room') {
      waitsForRoom = true;
      readIn(NO_ROOM_AGAIN_SEC);
    } else if (cause === 'stuck') {
      log.warn('inbox_stuck', { relay, reason });
      readIn(STUCK_AGAIN_SEC);
    } else {
      log.debug('inbox_reading_failed', { relay, reason });
      readIn(Math.min(MAX_RETRY_SEC, FIRST_RETRY_SEC * 2 ** failures) * (1 / 2 + fraction(random) / 2));
      failures += 1;
    }
    events.changed();
  }

  return {
    listens() {
      listening = true;
      pushedSince = undefined;
      reading.interrupted();
      readNow();
      events.changed();
    },
    lost() {
      if (!listening) return;
      listening = false;
      isRead = false;
      pushedSince = undefined;
      cancel();
      events.changed();
    },
    pushed() {
      if (pushedSince !== undefined) pushedSince += 1;
    },
    turnedAway() {
      waitsForRoom = true;
      readIn(NO_ROOM_AGAIN_SEC);
    },
    roomy() {
      if (waitsForRoom && keeper.hasRoom()) readNow();
    },
    isListening: () => listening,
    isWaitingForRoom: () => waitsForRoom,
    isRead: () => isRead,
    trouble: () => ({ deaf, hiddenSeconds: hidden.length, stuck }),
    skipped: reading.skipped,
    async close() {
      closed = true;
      cancel();
      await running;
    },
  };
}
