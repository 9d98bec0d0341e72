import type { RelayState, SendOutcome } from '../ports.ts';
import type { NostrEvent } from '../records.ts';
import type { RelayContext } from './context.ts';
import { eventFrame, prefixOf } from './messages.ts';
import { createRequests, type Requests } from './requests.ts';

/** Events on their way to one relay, until it says OK (NIP-01). */
export interface Publications extends Pick<Requests<SendOutcome>, 'release' | 'hold' | 'lost'> {
  publish(event: NostrEvent): Promise<SendOutcome>;
  onOk(eventId: string, accepted: boolean, words: string, auth: RelayState['auth']): void;
}

export function createPublications(context: RelayContext, send: (frame: string) => boolean): Publications {
  const requests = createRequests<SendOutcome>(context, {
    pending: context.limits.pendingPublishes,
    boundMs: context.limits.answerMs,
    send,
    unanswered: (written, reason) => ({ kind: written ? 'unknown' : 'not_sent', reason }),
  });
  return {
    publish: (event) => requests.ask(event.id, eventFrame(event)),
    onOk(eventId, accepted, words, auth) {
      const outcome = outcomeOf(accepted, words);
      if (outcome.kind === 'rejected' && outcome.prefix === 'auth-required') {
        requests.refused(eventId, outcome, auth);
      } else {
        requests.settle(eventId, outcome);
      }
    },
    release: requests.release,
    hold: requests.hold,
    lost: requests.lost,
  };
}

/** `duplicate:` means the relay has it, whether the relay calls that true (NIP-01) or false (some do). */
function outcomeOf(accepted: boolean, words: string): SendOutcome {
  const prefix = prefixOf(words);
  const duplicate = prefix === 'duplicate';
  return accepted || duplicate
    ? { kind: 'accepted', duplicate }
    : { kind: 'rejected', prefix, message: words };
}
