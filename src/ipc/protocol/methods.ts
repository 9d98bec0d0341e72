/** The method table: the one list of what can be called, by whom, with what. */
import type { z } from 'zod';
import * as daemon from './daemon.ts';
import * as health from './health.ts';
import * as identity from './identity.ts';
import * as inbox from './inbox.ts';
import * as keyPackages from './key-packages.ts';
import { lookUp } from './look-up.ts';
import type { MethodDefinition } from './method.ts';
import * as notices from './notices.ts';
import * as relays from './relays.ts';
import * as rpc from './rpc.ts';

export const methods = {
  'daemon.hello': daemon.hello,
  'daemon.status': daemon.status,
  'daemon.health': health.health,
  'daemon.metrics': health.metrics,
  'daemon.wake': daemon.wake,
  'daemon.backup': daemon.backup,
  'keyPackages.list': keyPackages.list,
  'keyPackages.refresh': keyPackages.refresh,
  'keyPackages.explain': keyPackages.explain,
  'relays.list': relays.list,
  'relays.publishLists': relays.publishLists,
  'inbox.list': inbox.list,
  'identity.show': identity.show,
  'identity.lookUp': lookUp,
  'notices.subscribe': notices.subscribe,
  'notices.unsubscribe': notices.unsubscribe,
  'rpc.discover': rpc.discover,
} as const satisfies Record<string, MethodDefinition>;

export type MethodName = keyof typeof methods;
/** What a client may write: parameters with a default are optional. */
export type ParamsInput<M extends MethodName> = z.input<(typeof methods)[M]['params']>;
/** What a handler gets: parsed, defaults filled in. */
export type Params<M extends MethodName> = z.output<(typeof methods)[M]['params']>;
export type Result<M extends MethodName> = z.output<(typeof methods)[M]['result']>;

export const methodNames = Object.keys(methods) as MethodName[];

export const isMethodName = (name: string): name is MethodName => Object.hasOwn(methods, name);
