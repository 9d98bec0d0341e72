import type { KeyPackageRef, SlotId } from '../../src/ids.ts';
import { KIND } from '../../src/protocol/kinds.ts';
import type { NostrEvent } from '../../src/records.ts';

export const isKeyPackage = ({ kind }: NostrEvent): boolean => kind === KIND.keyPackage;

const tagOf = (event: NostrEvent, name: string): string =>
  event.tags.find(([key]) => key === name)?.[1] ?? '';
export const refOf = (event: NostrEvent): KeyPackageRef => tagOf(event, 'i') as KeyPackageRef;
export const slotOf = (event: NostrEvent): SlotId => tagOf(event, 'd') as SlotId;

/** How many of these events stand for a package whose private keys are not among `held`. */
export const withoutKeys = (events: readonly NostrEvent[], held: ReadonlySet<string>): number =>
  events.filter((event) => !held.has(refOf(event))).length;

/** How many KeyPackageRefs came in more than one byte string, of everything that was ever seen. */
export function signedTwice(events: readonly NostrEvent[]): number {
  const variants = new Map<string, Set<string>>();
  for (const event of events) {
    const ref = refOf(event);
    variants.set(ref, (variants.get(ref) ?? new Set()).add(JSON.stringify(event)));
  }
  return [...variants.values()].filter((each) => each.size > 1).length;
}
