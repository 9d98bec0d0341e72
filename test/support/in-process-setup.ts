import { onTestFinished } from 'vitest';
import type { RelayUrl } from '../../src/ids.ts';
import { type InProcessDaemon, startInProcess } from './in-process.ts';
import { createAccount } from './nostr.ts';
import { type RelayOptions, startRelay, type TestRelay } from './relay.ts';

/** A relay that goes with the test. */
export async function relayHere(options: RelayOptions = {}): Promise<TestRelay> {
  const relay = await startRelay(options);
  onTestFinished(() => relay.stop());
  return relay;
}

/** A daemon that goes with the test. */
export async function daemonOn(...bootstrap: RelayUrl[]): Promise<InProcessDaemon> {
  const daemon = await startInProcess({ bootstrap });
  onTestFinished(() => daemon.stop());
  return daemon;
}

/** The relay lists of the account in process, as another client of its owner would publish them. */
export function holdLists(
  relay: TestRelay,
  write: readonly RelayUrl[],
  inbox: readonly RelayUrl[],
  createdAt = Math.floor(Date.now() / 1_000) - 60,
): void {
  const account = createAccount('in process');
  const put = (kind: number, tags: string[][]): void =>
    relay.repository.store(account.sign({ kind, created_at: createdAt, tags }));
  put(
    10002,
    write.map((url) => ['r', url]),
  );
  put(
    10050,
    inbox.map((url) => ['relay', url]),
  );
}
