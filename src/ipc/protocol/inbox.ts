/** `inbox.*`: the gift wraps that came for the account, and what was in them. */
import { z } from 'zod';
import { method, noParams } from './method.ts';
import { at, count, hex64, npub, text } from './scalars.ts';

/** What a gift wrap turned out to hold, with how many of each. */
export const kindCounts = z.object({
  invitation: count('invitations').optional(),
  direct_message: count('direct messages (NIP-17), which another client of the account reads').optional(),
  other: count('other messages').optional(),
  obsolete_profile: count('invitations of a program too old to be understood').optional(),
  broken: count('what does not decrypt, or breaks a rule').optional(),
});

/** Gift wraps that are not done yet, against what may be kept of them. */
export const pending = z.object({
  count: count('gift wraps not done yet'),
  unopened: count('of them, those whose sender is not known yet'),
  bytes: count('what they and the invitations take up'),
  limitCount: count('more than this are not kept'),
  limitBytes: count('nor is more than this'),
  turnedAway: count('found no room since the start; they are asked for again'),
});

export const list = method({
  access: 'read',
  summary: 'What has come for the account: what waits, what it was, and of whom.',
  params: noParams,
  result: z.object({
    now: at('the clock of the daemon'),
    pending: pending.describe('not done yet'),
    skipped: z
      .record(z.string(), count('events'))
      .describe('events that could not be taken since the start, by reason'),
    counts: kindCounts.describe('what came since this state was made'),
    invitations: z
      .array(
        z.object({
          id: hex64('id of the gift wrap'),
          sender: hex64('the account that invites'),
          npub,
          receivedAt: at('when it came'),
          relay: text('where it was found first'),
        }),
      )
      .describe('opened and not answered yet, oldest first'),
    senders: z
      .array(
        z.object({
          sender: hex64('an account'),
          npub,
          counts: kindCounts.describe('what it sent'),
          lastAt: at('when the last of it was opened'),
        }),
      )
      .describe('who sent what, latest first; 1,000 at most are remembered'),
  }),
  errors: ['store_unavailable'],
});
