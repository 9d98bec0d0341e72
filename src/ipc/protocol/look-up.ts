/** `identity.lookUp`: the account as somebody sees it who knows nothing but its key. */
import { z } from 'zod';
import { method, noParams } from './method.ts';
import { at, count, hex64, text, yesNo } from './scalars.ts';

const problem = z.object({
  code: text('stable name'),
  severity: z
    .enum(['warning', 'error'])
    .describe('an error keeps invitations away, a warning those of some inviters'),
  relay: text('the relay it is about, where it is about one').optional(),
  message: text('what it means'),
  repair: text('what to do about it'),
});

const listStanding = z.enum(['newest', 'older', 'missing', 'unread']);

const invalid = z.object({
  eventId: hex64('the event'),
  reasons: z.array(z.string()).describe('code of every rule of peers that refuses it'),
});

const relay = z.object({
  url: text('normalised URL'),
  roles: z
    .array(z.enum(['start', 'write', 'inbox']))
    .describe('where the look began, and what the lists that were found say of it'),
  connected: yesNo('a connection of nobody in particular was made'),
  read: yesNo('it answered the questions to the end'),
  reason: text('why it was not connected to, or not read').optional(),
  lists: z
    .object({
      10002: listStanding.describe('the write list'),
      10050: listStanding.describe('the inbox list'),
    })
    .describe('what it has, compared with the newest that any relay has'),
  packages: z
    .object({
      found: count('KeyPackage events of the account'),
      valid: count('of them, those that peers accept'),
      ours: count('of the valid, those whose private keys are here'),
      keysGone: count('of the valid, those whose private keys were erased here'),
      otherCopy: count('of the valid, those in our slots that this daemon did not make'),
      otherDevice: count('of the valid, those in slots of other devices'),
      invalid: z.array(invalid).describe('the others, at most 20'),
    })
    .describe('what it has to invite with'),
});

export const lookUp = method({
  access: 'read',
  summary: 'Looks for the account as a stranger would who wants to invite it, over connections of nobody.',
  params: noParams,
  result: z.object({
    at: at('when the look was taken'),
    invitable: yesNo('true when an invitation would arrive'),
    problems: z.array(problem).describe('everything in its way, worst first'),
    relays: z.array(relay).describe('every relay that was asked'),
  }),
  errors: ['store_unavailable'],
});
