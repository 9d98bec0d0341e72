import type { RelayUrl } from '../../src/ids.ts';
import { createAccount } from './nostr.ts';
import type { TestRelay } from './relay.ts';

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
