import { inWords } from '../../durations.ts';
import type { Result } from '../../ipc/protocol/methods.ts';
import { facts, heads, table } from '../table.ts';
import type { Paint } from '../terminal.ts';
import { counted, whenever } from '../words.ts';
import type { View } from './view.ts';

type Relays = Result<'relays.list'>;
type Relay = Relays['relays'][number];

/** A clock further off than this is worth a word, in seconds. */
const NOTABLE_OFFSET_SEC = 60;

const AUTH_NOTES: Readonly<Record<Relay['auth'], readonly string[]>> = {
  not_asked: [],
  asked: ['asks who we are'],
  authenticated: ['authenticated'],
  failed: ['authentication failed'],
};

export const relaysView: View<'relays.list'> = ({ lists, relays }, { paint, now }) => {
  const rows = relays.map((relay) => [
    relay.url,
    relay.roles.join(' '),
    phasePaint(paint, relay.phase)(phaseText(relay, now)),
    relayNotes(relay),
  ]);
  const connections = table(rows, heads(paint, 'RELAY', 'ROLES', 'CONNECTION', 'NOTE'));
  return `${connections}${connections === '' ? '' : '\n'}${listsText(lists, paint)}`;
};

export function phaseText(relay: Relay, now: number): string {
  switch (relay.phase) {
    case 'connected':
      return `connected ${inWords(now - (relay.connectedAt ?? now))}`;
    case 'backing_off':
      return `down, again ${whenever(relay.retryAt, now)}`;
    case 'connecting':
    case 'closed':
      return relay.phase;
  }
}

export function phasePaint(paint: Paint, phase: Relay['phase']): Paint['green'] {
  const colour = {
    connected: paint.green,
    backing_off: paint.red,
    connecting: paint.yellow,
    closed: paint.yellow,
  };
  return colour[phase];
}

export function relayNotes(relay: Relay): string {
  const offset = relay.clockOffsetSec ?? 0;
  const notes = [
    ...(relay.phase === 'connected' || relay.lastError === undefined ? [] : [relay.lastError]),
    ...(relay.phase === 'connected' && !relay.answering ? ['does not answer'] : []),
    ...(relay.phase === 'connected' && relay.answering && !relay.caughtUp ? ['being read'] : []),
    ...AUTH_NOTES[relay.auth],
    ...(relay.invalidEvents === 0 ? [] : [counted(relay.invalidEvents, 'invalid event')]),
    ...(Math.abs(offset) < NOTABLE_OFFSET_SEC ? [] : [`clock ${offset > 0 ? '+' : ''}${offset} s`]),
  ];
  return notes.join('; ');
}

function listsText({ write, inbox, bootstrap, listsKnown }: Relays['lists'], paint: Paint): string {
  const listed = (urls: readonly string[], known: boolean): string =>
    known ? urls.join(' ') || 'empty' : paint.red('not published yet');
  return facts(paint, [
    ['Write list (10002)', listed(write, listsKnown[10002])],
    ['Inbox list (10050)', listed(inbox, listsKnown[10050])],
    ['Bootstrap', bootstrap.join(' ') || '-'],
  ]);
}
