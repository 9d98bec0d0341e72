/** What the method table says about one method. */
import { z } from 'zod';
import type { ErrorCode } from '../../errors.ts';
import type { NotificationName } from './notifications.ts';

/** `read` methods answer on both sockets; `full` ones change something and answer on the full socket only. */
export type Access = 'read' | 'full';

export interface MethodDefinition {
  readonly access: Access;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly result: z.ZodType;
  /** Errors of this method in particular, besides those any call may end in. */
  readonly errors: readonly ErrorCode[];
  /** Notifications it causes on the connection it was called on. */
  readonly notifications?: readonly NotificationName[];
}

export const method = <const D extends MethodDefinition>(definition: D): D => definition;

export const noParams = z.strictObject({});
