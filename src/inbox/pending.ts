import type { EventId, PublicKey, UnixSeconds } from '../ids.ts';
import type { Amount } from '../invitations/room.ts';
import type { PendingWrap } from '../records.ts';

/** What is known of every pending gift wrap without reading it, oldest first. */
export interface Pending {
  has(id: EventId): boolean;
  /** What it takes up, with the invitations. */
  kept(): Amount;
  /** The oldest that nobody has opened. */
  oldestReceived(except: ReadonlySet<EventId>): EventId | undefined;
  /** Senders with seals to open, and since when the oldest waits. */
  senders(): ReadonlyMap<PublicKey, UnixSeconds>;
  oldestSealOf(sender: PublicKey, except: ReadonlySet<EventId>): EventId | undefined;
  /** Stored, or stored without its outer layer. */
  put(wrap: PendingFacts): void;
  /** Done. */
  remove(id: EventId): void;
  /** An opened invitation is kept, with this many bytes. */
  invited(bytes: number): void;
  invitations(): Amount;
  unopened(): number;
}

export interface PendingFacts {
  readonly id: EventId;
  readonly bytes: number;
  readonly receivedAt: UnixSeconds;
  /** Known once the outer layer is off. */
  readonly sender: PublicKey | undefined;
}

export const factsOf = ({ id, bytes, receivedAt, seal }: PendingWrap): PendingFacts => ({
  id,
  bytes,
  receivedAt,
  sender: seal?.sender,
});

const NONE: ReadonlySet<EventId> = new Set();

export function createPending(): Pending {
  const facts = new Map<EventId, PendingFacts>();
  const received = new Set<EventId>();
  const sealed = new Map<PublicKey, Set<EventId>>();
  const waitingSince = new Map<PublicKey, UnixSeconds>();
  let bytes = 0;
  let invitations: Amount = { count: 0, bytes: 0 };

  const first = (ids: Iterable<EventId>, except: ReadonlySet<EventId>): EventId | undefined => {
    for (const id of ids) if (!except.has(id)) return id;
    return undefined;
  };
  const remove = (id: EventId): void => {
    const known = facts.get(id);
    if (known === undefined) return;
    facts.delete(id);
    received.delete(id);
    bytes -= known.bytes;
    if (known.sender === undefined) return;
    const ofSender = sealed.get(known.sender)!;
    ofSender.delete(id);
    if (ofSender.size === 0) sealed.delete(known.sender);
    noteOldest(known.sender);
  };
  const noteOldest = (sender: PublicKey): void => {
    const oldest = first(sealed.get(sender) ?? [], NONE);
    if (oldest === undefined) waitingSince.delete(sender);
    else waitingSince.set(sender, facts.get(oldest)!.receivedAt);
  };

  return {
    has: (id) => facts.has(id),
    kept: () => ({ count: facts.size, bytes: bytes + invitations.bytes }),
    oldestReceived: (except) => first(received, except),
    senders: () => waitingSince,
    oldestSealOf: (sender, except) => first(sealed.get(sender) ?? [], except),
    put(wrap) {
      remove(wrap.id);
      const { sender } = wrap;
      facts.set(wrap.id, wrap);
      bytes += wrap.bytes;
      if (sender === undefined) {
        received.add(wrap.id);
      } else {
        sealed.set(sender, (sealed.get(sender) ?? new Set()).add(wrap.id));
        noteOldest(sender);
      }
    },
    remove,
    invited(more) {
      invitations = { count: invitations.count + 1, bytes: invitations.bytes + more };
    },
    invitations: () => invitations,
    unopened: () => received.size,
  };
}
