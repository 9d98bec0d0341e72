/** `rpc.*`: the protocol about itself. */
import { z } from 'zod';
import { method, noParams } from './method.ts';

export const discover = method({
  access: 'read',
  summary: 'This protocol as an OpenRPC document, generated from the schemas that check every call.',
  params: noParams,
  result: z.looseObject({ openrpc: z.string(), methods: z.array(z.looseObject({ name: z.string() })) }),
  errors: [],
});
