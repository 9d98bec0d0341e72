/** `relays.*`: the account's relay lists and the connections to them. */
import { z } from 'zod';
import { method, noParams } from './method.ts';
import { at, count, hex64, relayUrl, text, yesNo } from './scalars.ts';

const urls = (what: string) => z.array(z.string()).describe(what);

const relay = z.object({
  url: text('normalised URL'),
  roles: z.array(z.enum(['write', 'inbox', 'bootstrap'])).describe('what it is used for'),
  phase: z.enum(['connecting', 'connected', 'backing_off', 'closed']).describe('of the connection'),
  answering: yesNo('true when it has answered something on this connection'),
  auth: z.enum(['not_asked', 'asked', 'authenticated', 'failed']).describe('NIP-42'),
  connectedAt: at('since when it is connected').optional(),
  retryAt: at('when the next attempt starts').optional(),
  failures: count('failed attempts in a row'),
  lastError: text('why the last connection or attempt ended').optional(),
  clockOffsetSec: z.int().describe("our clock minus the relay's, in seconds").optional(),
  invalidEvents: count('events refused for a bad id or signature since start'),
  caughtUp: yesNo('true when its stored events have been read on this connection'),
});

export const list = method({
  access: 'read',
  summary: 'Relay lists of the account and the state of every connection.',
  params: noParams,
  result: z.object({
    lists: z.object({
      write: urls('KeyPackages are published here (NIP-65)'),
      inbox: urls('invitations are awaited here (NIP-17)'),
      bootstrap: urls('asked for the lists themselves'),
      listsKnown: z
        .object({ 10002: yesNo('a kind 10002 event is known'), 10050: yesNo('a kind 10050 event is known') })
        .describe('which lists the account has published'),
    }),
    relays: z.array(relay).describe('every relay in use'),
  }),
  errors: ['store_unavailable'],
});

const chosen = (what: string) => z.array(relayUrl).min(1).max(20).describe(what);

export const publishLists = method({
  access: 'full',
  summary: "Signs and publishes the account's relay lists, kinds 10002 and 10050.",
  params: z.strictObject({
    write: chosen('where KeyPackages are published (NIP-65)'),
    inbox: chosen('where invitations arrive (NIP-17)'),
  }),
  result: z.object({ eventIds: z.array(hex64('event id')).describe('the events now being published') }),
  errors: ['identity_missing', 'signer_absent', 'signer_refused', 'store_unavailable'],
});
