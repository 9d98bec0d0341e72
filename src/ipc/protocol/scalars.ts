/** Scalars that more than one method speaks of. Ids are lowercase hex, instants whole Unix seconds. */
import { z } from 'zod';
import { RELAY_URL_SHAPE } from '../../ids.ts';

export const hex64 = (what: string) =>
  z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe(what);
export const at = (what: string) => z.int().min(0).describe(`${what}; Unix seconds`);
export const count = (what: string) => z.int().min(0).describe(what);
export const text = (what: string) => z.string().describe(what);
export const yesNo = (what: string) => z.boolean().describe(what);
export const severity = (what: string) => z.enum(['info', 'warning', 'error']).describe(what);
export const npub = text('the account as npub (NIP-19)');

/** How a private key at rest is sealed. */
export const seal = z
  .object({
    source: z
      .enum(['credential', 'passphrase_file', 'key_file'])
      .describe('where the sealing key comes from'),
    path: text('the file it is read from').optional(),
  })
  .describe('what seals the account key at rest');

/** A relay URL as a client may give it; the daemon normalises it. */
export const relayUrl = z.string().max(512).regex(RELAY_URL_SHAPE, 'write an absolute wss:// or ws:// URL');
