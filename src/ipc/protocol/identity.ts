/** `identity.*`: whose keys these are. Public facts only. */
import { z } from 'zod';
import { method, noParams } from './method.ts';
import { at, hex64, npub, seal, text } from './scalars.ts';

export const show = method({
  access: 'read',
  summary: 'The account, where its key comes from and what seals it.',
  params: noParams,
  result: z.object({
    account: hex64('the account'),
    npub,
    source: text('where the account key comes from'),
    seal: seal.nullable(),
    createdAt: at('when the key was created or imported').optional(),
  }),
  errors: ['identity_missing'],
});
