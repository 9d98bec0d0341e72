import { type PublicKey, plus, type UnixSeconds } from '../ids.ts';

/** How many seals of strangers are opened: of each, and of all, in a sliding window. */
export const QUOTA = { perSender: 20, all: 200, windowSec: 3_600 } as const;

/** One seal opened. */
export interface Spent {
  readonly sender: PublicKey;
  readonly at: UnixSeconds;
}

/** Whose seal is opened next, or when the first of those who wait may be asked again. */
export type Turn =
  | { readonly kind: 'open'; readonly sender: PublicKey }
  | { readonly kind: 'wait'; readonly until: UnixSeconds };

/**
 * The account itself goes first and is not counted. Of all others whoever had the fewest opened goes first, then whoever
 * waits longest: a sender who floods waits behind everybody who does not. `waiting`: the senders with a seal to open,
 * with the arrival of the oldest. Undefined: nobody waits.
 */
export function nextTurn(
  waiting: ReadonlyMap<PublicKey, UnixSeconds>,
  spent: readonly Spent[],
  account: PublicKey,
  now: UnixSeconds,
): Turn | undefined {
  if (waiting.has(account)) return { kind: 'open', sender: account };
  if (waiting.size === 0) return undefined;
  const recent = stillCounted(spent, now);
  if (recent.length >= QUOTA.all) return { kind: 'wait', until: freeAt(recent.at(-QUOTA.all)!) };
  const used = new Map<PublicKey, Spent[]>();
  for (const each of recent) used.set(each.sender, [...(used.get(each.sender) ?? []), each]);
  const count = (sender: PublicKey): number => used.get(sender)?.length ?? 0;
  let next: PublicKey | undefined;
  let until: UnixSeconds | undefined;
  for (const [sender, since] of waiting) {
    if (count(sender) >= QUOTA.perSender) {
      const at = freeAt(used.get(sender)!.at(-QUOTA.perSender)!);
      if (until === undefined || at < until) until = at;
    } else if (next === undefined || comesBefore([count(sender), since], [count(next), waiting.get(next)!])) {
      next = sender;
    }
  }
  return next === undefined ? { kind: 'wait', until: until! } : { kind: 'open', sender: next };
}

/** What of this still counts, oldest first. An instant ahead of the clock counts: the clock went back. */
export const stillCounted = (spent: readonly Spent[], now: UnixSeconds): readonly Spent[] =>
  spent.filter(({ at }) => Math.abs(now - at) < QUOTA.windowSec);

const freeAt = ({ at }: Spent): UnixSeconds => plus(at, QUOTA.windowSec);

const comesBefore = (a: readonly [number, number], b: readonly [number, number]): boolean =>
  a[0] === b[0] ? a[1] < b[1] : a[0] < b[0];
