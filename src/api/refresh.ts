import { DaemonError } from '../errors.ts';
import type { CallContext } from '../ipc/handlers.ts';
import type { Result } from '../ipc/protocol/methods.ts';
import { publicationObstacle } from '../keypackages/obstacles.ts';
import { type Policy, pool, type World } from '../keypackages/world.ts';
import type { Store } from '../ports.ts';
import { readMeta } from '../scheduler/gather.ts';
import type { Passes } from './passes.ts';

type Refreshed = Result<'keyPackages.refresh'>;

interface Parts {
  readonly store: Store;
  readonly policy: Policy;
  readonly passes: Passes;
  look(): Promise<World>;
  wake(): void;
}

/**
 * Asks, durably, for every package of today to be replaced; the engine does it, also after a restart.
 * Errors: `not_invitable` when no package could be published anyway.
 */
export async function refresh(
  { store, policy, passes, look, wake }: Parts,
  wait: boolean,
  context: CallContext,
): Promise<Refreshed> {
  const before = await look();
  const obstacle = publicationObstacle(before);
  if (obstacle !== undefined && obstacle !== 'inbox_not_listening') {
    throw new DaemonError('not_invitable', `no KeyPackage can be published: ${obstacle}`, {
      repair: 'dialogctl relays publish-lists --write URL --inbox URL',
    });
  }
  const below = await store.update('settings', async (tx) => {
    const meta = await readMeta(tx);
    tx.meta.put('meta', { ...meta, refreshBelow: meta.generation + 1 });
    return meta.generation + 1;
  });
  const total = policy.standard + policy.lastResort;
  const progress = (world: World): Refreshed => {
    const confirmed = pool(world, policy).filter(
      (record) => record.generation >= below && record.state === 'confirmed',
    ).length;
    context.progress({ done: confirmed, total, message: `${confirmed} of ${total} confirmed` });
    return { requestedAt: before.now, replaced: total, confirmed, done: confirmed >= total };
  };
  let answer = progress(await look());
  const done = wait
    ? passes.until((world) => {
        answer = progress(world);
        return answer.done;
      }, context.signal)
    : undefined;
  wake();
  await done;
  return answer;
}
