import type { PublicKey, UnixSeconds } from '../ids.ts';
import { short } from '../ids.ts';
import type { Opened } from '../invitations/opened.ts';
import { addNotice } from '../notices.ts';
import type { Transaction } from '../ports.ts';
import type { Seal } from '../protocol/gift-wrap.ts';
import type { Rumor } from '../protocol/nip01.ts';
import type { InvitationRecord, PendingWrap, SenderRecord, WrapKind } from '../records.ts';

/** What opening made of one pending gift wrap. */
export type Result =
  | { readonly kind: 'sealed'; readonly wrap: PendingWrap; readonly seal: Seal }
  | {
      readonly kind: 'done';
      readonly wrap: PendingWrap;
      readonly opened: Opened;
      /** Unknown where the outer layer was broken. */
      readonly sender: PublicKey | undefined;
      readonly rumor: Rumor | undefined;
    };

/** Senders remembered with what they sent; beyond this the one that was silent the longest is forgotten. */
const MAX_SENDERS = 1_000;

/**
 * C6b, in one step for several wraps: the seal takes the place of the wrap, or its id becomes seen and it is gone. An
 * invitation is kept as it was written. Answers the invitations.
 */
export async function commitOpened(
  tx: Transaction,
  results: readonly Result[],
  now: UnixSeconds,
): Promise<readonly InvitationRecord[]> {
  const invitations: InvitationRecord[] = [];
  for (const result of results) {
    const { wrap } = result;
    if (result.kind === 'sealed') {
      tx.wraps.put(wrap.id, sealedWrap(wrap, result.seal));
      continue;
    }
    const { opened, sender } = result;
    tx.wraps.delete(wrap.id);
    tx.seen.put(wrap.id, { id: wrap.id, kind: opened.kind, broughtAt: wrap.receivedAt });
    await count(tx, 'all', opened.kind, now);
    if (sender !== undefined) await count(tx, sender, opened.kind, now);
    const invitation = invitationOf(result);
    if (invitation === undefined) continue;
    invitations.push(invitation);
    tx.invitations.put(wrap.id, invitation);
    await addNotice(tx, now, {
      code: 'invitation_received',
      severity: 'info',
      message: `an invitation of ${short(invitation.sender)} came`,
      data: { id: wrap.id, sender: invitation.sender },
    });
  }
  return invitations;
}

export const sealedWrap = ({ id, receivedAt, relay }: PendingWrap, seal: Seal): PendingWrap => ({
  id,
  receivedAt,
  relay,
  bytes: seal.payload.length,
  seal,
});

/** What is kept of an invitation; undefined where the wrap held something else. */
function invitationOf(result: Result): InvitationRecord | undefined {
  if (result.kind !== 'done' || result.opened.kind !== 'invitation') return undefined;
  const { wrap, sender, rumor } = result;
  if (sender === undefined || rumor === undefined) return undefined;
  const { id, receivedAt, relay } = wrap;
  return { id, sender, receivedAt, relay, rumor: JSON.stringify(rumor) };
}

async function count(
  tx: Pick<Transaction, 'senders'>,
  sender: SenderRecord['sender'],
  kind: WrapKind,
  now: UnixSeconds,
): Promise<void> {
  const known = await tx.senders.get(sender);
  if (known === undefined && (await tx.senders.count()) > MAX_SENDERS) {
    const others = (await tx.senders.list()).filter((each) => each.sender !== 'all');
    const silent = others.reduce((longest, each) => (each.lastAt < longest.lastAt ? each : longest));
    tx.senders.delete(silent.sender);
  }
  const counts = { ...known?.counts, [kind]: (known?.counts[kind] ?? 0) + 1 };
  tx.senders.put(sender, { sender, counts, lastAt: now });
}
