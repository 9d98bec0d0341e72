/** How the daemon is: for people, for supervisors of supervisors, and for Prometheus. */
import { z } from 'zod';
import { method, noParams } from './method.ts';
import { at, severity, text, yesNo } from './scalars.ts';

export const healthState = z
  .enum(['healthy', 'starting', 'not_invitable', 'degraded'])
  .describe('the worst that is true now');

export const warnings = z
  .array(
    z.object({
      code: text('stable name'),
      severity: severity('how bad it is'),
      since: at('when it began'),
      dependsOn: text('what failed: a relay URL, or a part of this installation'),
      message: text('what it means'),
      repair: text('what to do about it'),
    }),
  )
  .describe('everything that is not as it should be, worst first');

export const health = method({
  access: 'read',
  summary: 'Whether the daemon works, whether the account can be invited, and every reason for concern.',
  params: noParams,
  result: z.object({
    live: yesNo("the engine's loop moves: it was woken and came through a pass within 5 s"),
    ready: yesNo('the account can be found and invited, and its inbox has been read'),
    fresh: yesNo('the newest confirmed KeyPackages are no older than the age policy allows'),
    state: healthState,
    now: at('the clock of the daemon'),
    warnings,
  }),
  errors: ['store_unavailable'],
});

export const metrics = method({
  access: 'read',
  summary: 'Figures for Prometheus, in its text format.',
  params: noParams,
  result: z.object({ text: text('exposition format, version 0.0.4') }),
  errors: ['store_unavailable'],
});
