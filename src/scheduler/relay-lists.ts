import { type UnixSeconds, unixSeconds } from '../ids.ts';
import { addNotice } from '../notices.ts';
import type { Transaction } from '../ports.ts';
import { KIND } from '../protocol/kinds.ts';
import { supersedes } from '../protocol/nip01.ts';
import { inboxListTemplate, nip65Template } from '../protocol/relay-lists.ts';
import type { NostrEvent, RelayListRecord } from '../records.ts';
import type { EngineDeps } from './deps.ts';
import { readMeta } from './gather.ts';
import { signAs } from './sign.ts';

const isList = (event: NostrEvent): boolean =>
  event.kind === KIND.relayList || event.kind === KIND.inboxRelays;

/** Takes over the relay lists among verified events of the account that are newer than what is known. */
export async function learnLists(
  tx: Pick<Transaction, 'relayLists' | 'meta' | 'notices'>,
  events: readonly NostrEvent[],
  now: UnixSeconds,
): Promise<boolean> {
  let learned = false;
  for (const event of events.filter(isList)) {
    const known = await tx.relayLists.get(String(event.kind));
    if (known !== undefined && !supersedes(event, known.event)) continue;
    tx.relayLists.put(String(event.kind), {
      kind: event.kind as RelayListRecord['kind'],
      event,
      learnedAt: now,
    });
    await addNotice(tx, now, {
      code: 'relay_list_learned',
      severity: 'info',
      message: `relay list of kind ${event.kind} taken over`,
      data: { kind: event.kind, created_at: event.created_at },
    });
    learned = true;
  }
  const meta = await readMeta(tx);
  // What a relay holds wins over what was asked for at init.
  if (learned && meta.relayListWish?.replace === false) tx.meta.put('meta', withoutWish(meta));
  return learned;
}

function withoutWish<T extends { relayListWish?: unknown }>(meta: T): Omit<T, 'relayListWish'> {
  const { relayListWish: _, ...rest } = meta;
  return rest;
}

/** Signs the asked-for kinds 10002 and 10050 and puts them into the outbox, in one commit. */
export async function stageLists(deps: EngineDeps): Promise<void> {
  const { wish, last } = await deps.store.read(async (view) => ({
    wish: (await readMeta(view)).relayListWish,
    last: Math.max(0, ...(await view.relayLists.list()).map(({ event }) => event.created_at)),
  }));
  if (wish === undefined) return;
  const now = deps.clock.now();
  const createdAt = unixSeconds(Math.max(now, last + 1));
  const events = [
    await signAs(deps, nip65Template(wish.write, createdAt)),
    await signAs(deps, inboxListTemplate(wish.inbox, createdAt)),
  ];
  await deps.store.update('relay_list', async (tx) => {
    await learnLists(tx, events, now);
    for (const event of events) {
      tx.outbox.put(event.id, { event, subject: { kind: 'relay_list' }, stagedAt: now, deliveries: {} });
    }
    tx.meta.put('meta', withoutWish(await readMeta(tx)));
  });
  deps.log.info('relay_lists_staged', { write: wish.write.length, inbox: wish.inbox.length });
}
