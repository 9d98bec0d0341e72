/** What a fault proxy can do to one NIP-01 message. */
export type Fault =
  | { readonly kind: 'pass' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'duplicate' }
  /** Held until the next message in the same direction has overtaken it, or 100 ms. */
  | { readonly kind: 'reorder' }
  /** Breaks the connection instead of forwarding, or right after it: then no answer comes back. */
  | { readonly kind: 'close'; readonly when: 'before' | 'after' }
  // The rest apply to what clients send; for what relays send they mean `pass`.
  /** Answered by the proxy with `OK false` or `CLOSED` and these words; the relay never sees it. */
  | { readonly kind: 'reject'; readonly message: string }
  /** The relay gets the EVENT; its OK vanishes. */
  | { readonly kind: 'lose_answer' }
  /** Answered `auth-required:` with a NIP-42 challenge of the proxy's, whose answer it accepts. */
  | { readonly kind: 'demand_auth' }
  /** The REQ is answered with the version before the newest of every replaceable event, or nothing. */
  | { readonly kind: 'serve_stale' };

/** A parsed NIP-01 message; the first element is its type. */
export type Message = readonly [string, ...unknown[]];

export interface Exchange {
  readonly direction: 'to_relay' | 'from_relay';
  readonly message: Message;
  /** Counts the client connections from 1. */
  readonly connection: number;
}

export type Decide = (exchange: Exchange) => Fault | undefined;

/** The n-th message of `type` that clients send meets the n-th fault; all else, and what follows, passes. */
export function faultsInOrder(type: 'EVENT' | 'REQ' | 'AUTH', faults: readonly Fault[]): Decide {
  const queue = [...faults];
  return ({ direction, message }) =>
    direction === 'to_relay' && message[0] === type ? queue.shift() : undefined;
}
