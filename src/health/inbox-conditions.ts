import type { InboxTrouble } from '../invitations/inbox-facts.ts';
import { MAX_SEEN } from '../invitations/room.ts';
import type { World } from '../keypackages/world.ts';
import type { Condition } from './condition.ts';

/** An inbox this full is no longer the owner's correspondence. */
const FLOOD_SHARE = 0.9;
const QUIETER_RELAY =
  'choose an inbox relay that limits strangers: dialogctl relays publish-lists --write URL --inbox URL';
const ANOTHER_RELAY =
  'if this lasts, choose another inbox relay: dialogctl relays publish-lists --write URL --inbox URL';

/** What is wrong with what comes in. */
export const inboxConditions = (world: World): Condition[] => [
  ...flood(world),
  ...forgotten(world),
  ...troubles(world),
];

function flood({ inbox: { kept, limit, turnedAway, flooded } }: World): Condition[] {
  const share = Math.max(kept.count / limit.count, kept.bytes / limit.bytes);
  if (!flooded && !(share >= FLOOD_SHARE)) return [];
  const left = turnedAway === 0 ? '' : `; ${turnedAway} found no room since the start`;
  return [
    {
      code: 'invite_flood',
      severity: 'warning',
      dependsOn: 'inbox',
      message: `${kept.count} gift wraps wait, ${kib(kept.bytes)} of ${kib(limit.bytes)}${left}; the relays keep the rest and are asked again`,
      repair: QUIETER_RELAY,
    },
  ];
}

const kib = (bytes: number): string => `${Math.ceil(bytes / 1024)} KiB`;

const forgotten = ({ inbox: { seen } }: World): Condition[] =>
  seen <= MAX_SEEN
    ? []
    : [
        {
          code: 'seen_full',
          severity: 'warning',
          dependsOn: 'inbox',
          message: `${seen} gift wraps are known and no more are remembered: the oldest may be opened again`,
          repair: QUIETER_RELAY,
        },
      ];

const troubles = ({ inbox }: World): Condition[] =>
  [...inbox.troubles].flatMap(([relay, trouble]) =>
    sentences(trouble).map(([code, message]) => ({
      code,
      severity: 'warning',
      dependsOn: relay,
      message: `${relay} ${message}`,
      repair: ANOTHER_RELAY,
    })),
  );

function sentences({ deaf, hiddenSeconds, stuck }: InboxTrouble): [Condition['code'], string][] {
  const found: [Condition['code'], string][] = [];
  if (deaf)
    found.push(['inbox_deaf', 'does not push gift wraps that it stores; it is read every few minutes']);
  if (hiddenSeconds > 0) {
    found.push([
      'inbox_hidden',
      `may hold more gift wraps of ${hiddenSeconds} seconds than it hands out at once, and offers no way to them`,
    ]);
  }
  if (stuck !== undefined) found.push(['inbox_stuck', `cannot be read to the end: ${stuck}`]);
  return found;
}
