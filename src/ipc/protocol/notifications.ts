/** What the daemon says unasked, on the connection that asked for it. */
import { z } from 'zod';
import { at, count, severity, text } from './scalars.ts';

/** Chosen by the client, echoed in every `progress` of that call. */
export const progressToken = z.union([z.string().max(100), z.int()]);

const notice = z.object({
  seq: z.int().min(1).describe('number of the notice; resume with the last one seen'),
  at: at('when it was written'),
  code: text('stable name'),
  severity: severity('how much it matters'),
  message: text('what happened'),
  data: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .describe('the same as fields')
    .optional(),
});

export const notifications = {
  progress: z.object({
    token: progressToken.describe('the progressToken of the call'),
    done: count('steps finished'),
    total: count('steps in all, as far as known'),
    message: text('what is going on'),
  }),
  notice: z.object({
    subscription: count('the subscription it belongs to'),
    notice: notice.describe('one numbered line of the log'),
  }),
} as const;

export type NotificationName = keyof typeof notifications;
export type NotificationParams<N extends NotificationName> = z.output<(typeof notifications)[N]>;
