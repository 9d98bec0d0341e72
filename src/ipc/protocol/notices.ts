/** `notices.*`: the durable, numbered log of what happened. The log is the buffer. */
import { z } from 'zod';
import { method } from './method.ts';
import { count } from './scalars.ts';

export const subscribe = method({
  access: 'read',
  summary: 'Sends every notice after `since`, in order, stored ones first. A slow reader is merely behind.',
  params: z.strictObject({
    since: count('the last notice already seen; only new ones when absent').optional(),
  }),
  result: z.object({
    subscription: count('its number on this connection'),
    oldest: count('first notice still kept, 0 when there is none'),
    newest: count('last notice written, 0 when there is none'),
  }),
  errors: ['store_unavailable'],
  notifications: ['notice'],
});

export const unsubscribe = method({
  access: 'read',
  summary: 'Ends a subscription of this connection.',
  params: z.strictObject({ subscription: count('the number `notices.subscribe` gave') }),
  result: z.object({}),
  errors: ['not_found'],
});
