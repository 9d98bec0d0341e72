import * as nip19 from 'nostr-tools/nip19';
import type { InboxFacts } from '../invitations/inbox-facts.ts';
import type { Result } from '../ipc/protocol/methods.ts';
import type { View } from '../ports.ts';
import type { SenderRecord } from '../records.ts';

type Inbox = Result<'inbox.list'>;

/** What has come, from one snapshot. */
export async function inboxList(view: View, facts: InboxFacts, now: number): Promise<Inbox> {
  const invitations = await view.invitations.list();
  const senders = (await view.senders.list()).filter(({ sender }) => sender !== 'all');
  return {
    now,
    pending: pendingView(facts),
    skipped: facts.skipped,
    counts: facts.counts,
    invitations: invitations
      .sort((a, b) => a.receivedAt - b.receivedAt)
      .map(({ id, sender, receivedAt, relay }) => ({
        id,
        sender,
        npub: nip19.npubEncode(sender),
        receivedAt,
        relay,
      })),
    senders: senders.sort((a, b) => b.lastAt - a.lastAt).map(senderView),
  };
}

const senderView = ({ sender, counts, lastAt }: SenderRecord): Inbox['senders'][number] => ({
  sender,
  npub: nip19.npubEncode(sender),
  counts,
  lastAt,
});

export const pendingView = ({ kept, limit, unopened, turnedAway }: InboxFacts): Inbox['pending'] => ({
  count: kept.count,
  unopened,
  bytes: kept.bytes,
  limitCount: limit.count,
  limitBytes: limit.bytes,
  turnedAway,
});
