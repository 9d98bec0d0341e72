/** `keyPackages.*`: what is published, where it stands, what comes next. */
import { z } from 'zod';
import { method, noParams } from './method.ts';
import { progressToken } from './notifications.ts';
import { at, count, hex64, text, yesNo } from './scalars.ts';

const delivery = z.object({
  url: text('the relay'),
  outcome: z
    .enum(['sent', 'accepted', 'rejected', 'unknown'])
    .describe('latest outcome; `unknown` means it may be there'),
  at: at('when that outcome was recorded'),
  attempts: count('times the event was sent'),
  retryAt: at('when the same bytes are sent again').optional(),
  seenAt: at('when the event was last read back').optional(),
  detail: text("the relay's words or the transport's reason").optional(),
});

const keyPackage = z.object({
  ref: hex64('KeyPackageRef (RFC 9420 section 5.2)'),
  slot: hex64('slot id, the `d` tag of the event'),
  kind: z.enum(['standard', 'last_resort']).describe('for one invitation, or for when none of those is left'),
  state: z
    .enum(['generated', 'published', 'confirmed', 'retired', 'used', 'expired', 'revoked', 'deleted'])
    .describe('where it is in its life'),
  generation: count('packages of one generation were staged together'),
  eventId: hex64('the one signed event that carries it'),
  createdAt: at('`created_at` of that event'),
  publishedAt: at('when it may first have left this machine').optional(),
  confirmedAt: at('when enough relays had accepted it').optional(),
  renewAt: at('when age alone asks for a replacement'),
  notAfter: at('end of its MLS Lifetime'),
  keepUntil: at('when its private keys go').optional(),
  erased: z
    .object({
      at: at('when they went'),
      cause: z.enum(['consumed', 'replaced', 'never_published', 'expired', 'revoked']).describe('why'),
    })
    .describe('set when its private keys are gone')
    .optional(),
  relays: z.array(delivery).describe('where it stands with every relay it is meant for'),
});

export const list = method({
  access: 'read',
  summary: 'Every KeyPackage whose private keys exist, with its standing at each relay.',
  params: z.strictObject({
    all: z.boolean().default(false).describe('also those whose private keys are gone'),
    limit: z.int().min(1).max(200).default(200).describe('at most this many, newest first'),
  }),
  result: z.object({ packages: z.array(keyPackage).describe('newest first') }),
  errors: ['store_unavailable'],
});

export const refresh = method({
  access: 'full',
  summary: 'Replaces every current package with a fresh one.',
  params: z.strictObject({
    wait: z.boolean().default(false).describe('answer when the new packages are confirmed, not at once'),
    progressToken: progressToken.describe('asks for `progress` notifications under this token').optional(),
  }),
  result: z.object({
    requestedAt: at('packages staged before this instant are replaced'),
    replaced: count('packages to replace'),
    confirmed: count('replacements confirmed so far'),
    done: yesNo('true when all of them are'),
  }),
  errors: ['identity_missing', 'not_invitable', 'signer_absent', 'signer_refused', 'store_unavailable'],
  notifications: ['progress'],
});

const decision = z.object({
  rule: text('name of the policy rule'),
  what: text('the action it asks for'),
  subject: text('slot, package or relay it is about'),
  reason: text('why'),
  at: at('when it is due'),
});

export const explain = method({
  access: 'read',
  summary: 'What the policy would do now and next, when and why. Changes nothing.',
  params: noParams,
  result: z.object({
    now: at('the instant the policy was asked for'),
    actions: z.array(decision).describe('due now'),
    next: z.array(decision).describe('due later, soonest first'),
    nextWakeAt: at('when the engine looks again by itself').optional(),
  }),
  errors: ['identity_missing', 'store_unavailable'],
});
