import type { KeyPackageRef, RelayUrl } from '../../../src/ids.ts';
import { mayMove } from '../../../src/keypackages/record.ts';
import { isQuarantined } from '../../../src/keypackages/world.ts';
import type { Clock, Store } from '../../../src/ports.ts';
import type {
  KeyPackageRecord,
  KeyPackageState,
  Meta,
  NostrEvent,
  OutboxEntry,
} from '../../../src/records.ts';
import { readMeta } from '../../../src/scheduler/gather.ts';
import { isKeyPackage, refOf } from '../key-package-events.ts';
import { noPast, type Past, type Return } from './past.ts';
import type { RelayWorld } from './simulated-relays.ts';

/** An invariant of ARCHITECTURE.md that does not hold. */
export class Violation extends Error {}

/** Checks every invariant that can be seen from outside the engine: the store on one side, the relays on the other. */
export function createInvariantChecker(
  relays: RelayWorld,
  store: Store,
  clock: Clock,
  wantedSlots: number,
  past: Past = noPast,
) {
  const states = new Map<KeyPackageRef, KeyPackageState>();
  const bytesOf = new Map<string, string>();
  let everConfirmed = false;
  /** Attempts at each relay for what was in quarantine after the commit before. */
  let quarantine = new Map<string, number>();

  async function afterCommit(): Promise<void> {
    const seen = await store.read(async (view) => ({
      records: await view.keyPackages.list(),
      stones: await view.tombstones.list(),
      keys: new Set((await view.privateKeyPackages.list()).map(({ ref }) => ref)),
      outbox: await view.outbox.list(),
      slots: await view.slots.list(),
      meta: await readMeta(view),
    }));
    const served = relays.urls
      .flatMap((relay) => relays.served(relay).map((event) => ({ relay, event })))
      .filter(({ event }) => isKeyPackage(event));

    if (seen.slots.length > wantedSlots) throw new Violation(`3: ${seen.slots.length} slots`);
    keysForWhatIsServed(served, seen, clock.now());
    onlyIntendedEventsArrived(seen.outbox);
    oneByteStringPerRef();
    datesIncreaseWithinASlot(seen.records);
    erasedMeansGone(seen.stones, seen.keys);
    movesAreLegal([...seen.records, ...seen.stones]);
    neverZero(served, seen);
    quarantinedMeansKept(seen);
  }

  /** 1. Whatever a relay may serve, its private keys are here. */
  function keysForWhatIsServed(
    served: readonly { relay: RelayUrl; event: NostrEvent }[],
    seen: { keys: Set<KeyPackageRef>; stones: readonly KeyPackageRecord[] },
    now: number,
  ): void {
    for (const { relay, event } of served) {
      if (past.foreign.has(event.id)) continue;
      const ref = refOf(event);
      const stone = seen.stones.find((each) => each.ref === ref);
      if (seen.keys.has(ref) || (stone !== undefined && stone.notAfter <= now)) continue;
      throw new Violation(`1: ${relay} serves ${ref.slice(0, 8)} and its private keys are not in the store`);
    }
  }

  /** C2 before the send: whatever reached a relay is known to be possibly there. */
  function onlyIntendedEventsArrived(outbox: readonly OutboxEntry[]): void {
    for (const { relay, event } of relays.received.slice(past.received)) {
      const entry = outbox.find((each) => each.event.id === event.id);
      const delivery = entry?.deliveries[relay];
      if (entry !== undefined && delivery?.mayHold !== true) {
        throw new Violation(`1: ${relay} received ${event.id.slice(0, 8)} without a record of the intent`);
      }
    }
  }

  /** 2. One KeyPackageRef, one event id, one byte string, for ever. */
  function oneByteStringPerRef(): void {
    for (const { event } of relays.received) {
      if (!isKeyPackage(event)) continue;
      const ref = refOf(event);
      const bytes = JSON.stringify(event);
      if ((bytesOf.get(ref) ?? bytes) !== bytes)
        throw new Violation(`2: ${ref.slice(0, 8)} was signed twice`);
      bytesOf.set(ref, bytes);
    }
  }

  /** 3. Within a slot `created_at` strictly increases. */
  function datesIncreaseWithinASlot(records: readonly KeyPackageRecord[]): void {
    const bySlot = new Map<string, KeyPackageRecord[]>();
    for (const record of records) bySlot.set(record.slot, [...(bySlot.get(record.slot) ?? []), record]);
    for (const [slot, ofSlot] of bySlot) {
      const ordered = [...ofSlot].sort((a, b) => a.generation - b.generation);
      const increasing = ordered.every((each, i) => i === 0 || each.createdAt > ordered[i - 1]!.createdAt);
      if (!increasing) throw new Violation(`3: dates of slot ${slot.slice(0, 8)} do not increase`);
    }
  }

  /** 5. `deleted` implies no private key. */
  function erasedMeansGone(stones: readonly KeyPackageRecord[], keys: Set<KeyPackageRef>): void {
    for (const stone of stones) {
      if (stone.state !== 'deleted' || keys.has(stone.ref))
        throw new Violation(`5: ${stone.ref.slice(0, 8)} has keys`);
    }
  }

  /** 6. No state is entered except along the table; two moves at most between two commits. */
  function movesAreLegal(records: readonly KeyPackageRecord[]): void {
    for (const { ref, state } of records) {
      const before = states.get(ref);
      states.set(ref, state);
      if (before === undefined || before === state || mayMove(before, state)) continue;
      const through: readonly KeyPackageState[] = ['confirmed', 'expired'];
      if (through.some((middle) => mayMove(before, middle) && mayMove(middle, state))) continue;
      throw new Violation(`6: ${ref.slice(0, 8)} went from ${before} to ${state}`);
    }
  }

  /** 7. Once a package was confirmed, some relay always has one whose keys we hold. */
  function neverZero(
    served: readonly { event: NostrEvent }[],
    seen: { records: readonly KeyPackageRecord[]; keys: Set<KeyPackageRef> },
  ): void {
    everConfirmed ||= seen.records.some(({ ref, state }) => state === 'confirmed' && !past.copied.has(ref));
    const usable = served.some(({ event }) => seen.keys.has(refOf(event)));
    if (everConfirmed && !usable) throw new Violation('7: no relay serves a package whose keys we hold');
  }

  /** 9. What is in quarantine is not sent any more. */
  function quarantinedMeansKept(seen: {
    records: readonly KeyPackageRecord[];
    outbox: readonly OutboxEntry[];
    meta: Meta;
  }): void {
    const held = new Set(
      seen.records.filter((record) => isQuarantined(seen.meta, record)).map(({ eventId }) => eventId),
    );
    const attempts = seen.outbox
      .filter(({ event }) => held.has(event.id))
      .flatMap(({ event, deliveries }) =>
        Object.entries(deliveries).map(
          ([relay, delivery]) => [`${event.id} ${relay}`, delivery.attempts] as const,
        ),
      );
    for (const [key, count] of attempts) {
      const before = quarantine.get(key.slice(0, 64)) === undefined ? count : (quarantine.get(key) ?? 0);
      if (count > before) throw new Violation(`9: ${key.slice(0, 8)} is sent although it is in quarantine`);
    }
    quarantine = new Map<string, number>([...attempts, ...[...held].map((id) => [id, 0] as const)]);
  }

  /** 9. When all is well again, relays serve nothing that another copy may have used or made. */
  function healed(as: Return): void {
    for (const relay of relays.urls) {
      for (const event of relays.served(relay).filter(isKeyPackage)) {
        if (past.foreign.has(event.id)) throw new Violation(`9: ${relay} serves a package of another copy`);
        if (as === 'restored' && past.copied.has(refOf(event))) {
          throw new Violation(`9: ${relay} serves a package that was in the backup`);
        }
      }
    }
  }

  return { afterCommit, healed };
}
