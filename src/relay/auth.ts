import type { EventId, RelayUrl } from '../ids.ts';
import type { EventTemplate, RelayState } from '../ports.ts';
import type { NostrEvent } from '../records.ts';
import { createBackoff } from './backoff.ts';
import type { RelayContext } from './context.ts';
import { authFrame } from './messages.ts';
import { createTimer } from './timer.ts';

const CLIENT_AUTHENTICATION = 22_242;

export interface AuthHandlers {
  send(frame: string): boolean;
  /** A challenge arrived: hold subscriptions until `onSettled`. */
  onChallenge(): void;
  /** Authenticated, or going on without (refused, or the signer is still being slow). */
  onSettled(authenticated: boolean): void;
}

/** NIP-42 on one connection at a time. */
export interface Auth {
  state(): RelayState['auth'];
  /** Milliseconds worth waiting for a challenge after connecting, before anything else is sent. */
  patienceMs(): number;
  opened(): void;
  down(): void;
  onChallenge(challenge: string): void;
  /** True when this OK answers an AUTH of ours. */
  onOk(eventId: string, accepted: boolean, words: string): boolean;
}

/** One challenge being answered; replaced by the next one and by the end of the connection. */
interface Attempt {
  readonly challenge: string;
  sentId?: EventId;
}

export function createAuth(context: RelayContext, relay: RelayUrl, handlers: AuthHandlers): Auth {
  const { clock, log, limits } = context;
  const patience = createTimer(clock);
  const answer = createTimer(clock);
  const retry = createTimer(clock);
  let backoff = createBackoff(context);
  let state: RelayState['auth'] = 'not_asked';
  let attempt: Attempt | undefined;
  let challenges = 0;
  let askedBefore = false;

  const stop = () => {
    attempt = undefined;
    for (const timer of [patience, answer, retry]) timer.clear();
  };
  const authenticate = async (mine: Attempt) => {
    attempt = mine;
    const template: EventTemplate = {
      created_at: clock.now(),
      kind: CLIENT_AUTHENTICATION,
      tags: [
        ['relay', relay],
        ['challenge', mine.challenge],
      ],
      content: '',
    };
    const outcome = await context.sign(template);
    if (attempt !== mine) return;
    if (outcome.kind !== 'ok') {
      fail(mine, `signer ${outcome.kind}: ${outcome.reason}`, outcome.kind);
    } else if (!isSigned(template, outcome.value)) {
      fail(mine, 'the signer returned something else');
    } else {
      mine.sentId = outcome.value.id;
      handlers.send(authFrame(outcome.value));
      answer.set(limits.answerMs, () => fail(mine, 'the relay did not answer'));
    }
  };
  const isSigned = (template: EventTemplate, event: NostrEvent) =>
    event.kind === template.kind &&
    event.created_at === template.created_at &&
    event.content === template.content &&
    JSON.stringify(event.tags) === JSON.stringify(template.tags) &&
    context.crypto.verifyEvent(event);

  const succeed = () => {
    stop();
    state = 'authenticated';
    log.info('relay_authenticated', { relay });
    handlers.onSettled(true);
  };
  const fail = ({ challenge }: Attempt, reason: string, cause?: 'refused' | 'absent') => {
    stop();
    state = 'failed';
    log.warn('relay_auth_failed', { relay, reason });
    // A person said no: not asked again before the next connection. Everything else may pass.
    if (cause !== 'refused') retry.set(backoff.down(), () => void authenticate({ challenge }));
    handlers.onSettled(false);
  };

  return {
    state: () => state,
    patienceMs: () => (askedBefore ? limits.challengeExpectedMs : limits.challengeMs),
    opened() {
      state = 'not_asked';
      challenges = 0;
      backoff = createBackoff(context);
    },
    down() {
      stop();
      if (state !== 'failed') state = 'not_asked';
    },
    onChallenge(challenge) {
      challenges += 1;
      if (attempt?.challenge === challenge || challenges > limits.challengesPerConnection) return;
      stop();
      askedBefore = true;
      state = 'asked';
      handlers.onChallenge();
      patience.set(limits.answerMs, () => handlers.onSettled(false));
      void authenticate({ challenge });
    },
    onOk(eventId, accepted, words) {
      const mine = attempt;
      if (mine === undefined || mine.sentId !== eventId) return false;
      if (accepted) succeed();
      else fail(mine, words);
      return true;
    },
  };
}
