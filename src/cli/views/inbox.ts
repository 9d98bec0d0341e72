import type { Result } from '../../ipc/protocol/methods.ts';
import { facts, heads, table } from '../table.ts';
import { counted, whenever } from '../words.ts';
import type { View } from './view.ts';

type Inbox = Result<'inbox.list'>;
type Counts = Inbox['counts'];

const KIND_NAMES: Readonly<Record<keyof Counts, readonly [one: string, many: string]>> = {
  invitation: ['invitation', 'invitations'],
  direct_message: ['direct message for another client', 'direct messages for another client'],
  other: ['other message', 'other messages'],
  obsolete_profile: ['invitation of an obsolete profile', 'invitations of an obsolete profile'],
  broken: ['broken', 'broken'],
};

/** "2 invitations, 12 direct messages for another client". */
export function whatCame(counts: Counts): string {
  const parts = (Object.keys(KIND_NAMES) as (keyof Counts)[])
    .filter((kind) => (counts[kind] ?? 0) > 0)
    .map((kind) => counted(counts[kind] ?? 0, ...KIND_NAMES[kind]));
  return parts.length === 0 ? 'nothing yet' : parts.join(', ');
}

export const inboxView: View<'inbox.list'> = (inbox, { paint }) => {
  const { now, pending, skipped, counts, invitations, senders } = inbox;
  const head = facts(paint, [
    ['Came', whatCame(counts)],
    ['Waiting', waiting(pending)],
    ...(Object.keys(skipped).length === 0 ? [] : [['Not taken', skippedText(skipped)] as const]),
  ]);
  const invited = invitations.map(({ npub, receivedAt, relay }) => [npub, whenever(receivedAt, now), relay]);
  const sent = senders.map(({ npub, lastAt, counts }) => [npub, whenever(lastAt, now), whatCame(counts)]);
  return [
    head,
    ...(invited.length === 0 ? [] : [`\n${table(invited, heads(paint, 'INVITED BY', 'CAME', 'RELAY'))}`]),
    ...(sent.length === 0 ? [] : [`\n${table(sent, heads(paint, 'SENDER', 'LAST', 'WHAT'))}`]),
  ].join('');
};

function waiting({ count, unopened, bytes, limitBytes, turnedAway }: Inbox['pending']): string {
  const kept = `${counted(count, 'gift wrap')} (${unopened} unopened), ${kib(bytes)} of ${kib(limitBytes)}`;
  return turnedAway === 0 ? kept : `${kept}; ${turnedAway} found no room and are asked for again`;
}

const kib = (bytes: number): string => `${Math.ceil(bytes / 1024)} KiB`;

const skippedText = (skipped: Inbox['skipped']): string =>
  Object.entries(skipped)
    .map(([reason, count]) => `${count} ${reason.replaceAll('_', ' ')}`)
    .join(', ');
