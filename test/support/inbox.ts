import { onTestFinished } from 'vitest';
import { createEventCrypto } from '../../src/identity/event-crypto.ts';
import { createLocalSigner } from '../../src/identity/local-signer.ts';
import type { RelayUrl } from '../../src/ids.ts';
import type { InboxDeps } from '../../src/inbox/deps.ts';
import { type Inbox, openInbox } from '../../src/inbox/inbox.ts';
import type { Clock, CommitName, Disk, Log, Store } from '../../src/ports.ts';
import { createRelays } from '../../src/relay/relays.ts';
import { systemClock } from './clock.ts';
import { createRecordingLog, type RecordingLog } from './log.ts';
import { createAccount, type TestAccount } from './nostr.ts';
import { createSeededRandom } from './random.ts';
import { openMemoryStore } from './store.ts';
import { until } from './until.ts';
import { wideDisk } from './world.ts';

export interface TestInbox extends Inbox {
  readonly account: TestAccount;
  readonly store: Store;
  readonly log: RecordingLog;
  /** Durable steps by name. */
  readonly commits: ReadonlyMap<CommitName, number>;
  /** Ids that are pending, seen or an invitation. */
  known(): Promise<ReadonlySet<string>>;
  untilRead(boundMs?: number): Promise<void>;
}

export const owner = createAccount('owner of the inbox');

/** The receiving half alone: a real store, real connections to these relays, the account key in this process. */
export async function inboxOn(
  relays: readonly RelayUrl[],
  parts: Partial<InboxDeps> & { readonly clock?: Clock; readonly disk?: Disk } = {},
): Promise<TestInbox> {
  const commits = new Map<CommitName, number>();
  const memory = parts.store ?? (await openMemoryStore());
  const store: Store = {
    ...memory,
    update(name, writer) {
      commits.set(name, (commits.get(name) ?? 0) + 1);
      return memory.update(name, writer);
    },
  };
  const log = createRecordingLog();
  const clock = parts.clock ?? systemClock;
  const random = createSeededRandom('inbox');
  const crypto = await createEventCrypto();
  const quiet: Log = { ...log };
  const port = createRelays({
    clock: systemClock,
    random,
    crypto,
    log: quiet,
    sign: async () => ({ kind: 'refused', reason: 'nobody asks' }),
    limits: { backoffBaseMs: 10, backoffCapMs: 20 },
  });
  const failures: unknown[] = [];
  const inbox = await openInbox(
    {
      account: owner.publicKey,
      clock,
      random,
      disk: wideDisk,
      signer: await createLocalSigner(Uint8Array.from(owner.secretKey)),
      crypto,
      elapsedMs: () => 0,
      signing: () => false,
      relays: port,
      ...parts,
      store,
      log,
    },
    { changed() {}, ownList: async () => {}, failed: (error) => failures.push(error) },
  );
  onTestFinished(async () => {
    await inbox.close();
    await port.close();
    if (parts.store === undefined) await memory.close();
  });
  port.use(relays);
  inbox.listenOn(relays);
  const check = (): void => {
    if (failures.length > 0) throw failures[0];
  };
  return {
    ...inbox,
    account: owner,
    store,
    log,
    commits,
    async known() {
      check();
      const records = await store.read(async (view) => [
        ...(await view.wraps.list()),
        ...(await view.seen.list()),
      ]);
      return new Set(records.map(({ id }) => id));
    },
    async untilRead(boundMs = 20_000) {
      await until(
        () => {
          check();
          return inbox.facts().read.size === relays.length;
        },
        'every relay is read to its end',
        boundMs,
      );
    },
  };
}
