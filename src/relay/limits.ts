/** Everything this room waits for or keeps has a bound; ARCHITECTURE.md's table of limits names them. */
export interface RelayLimits {
  /** Relays connected to at a time. */
  readonly relays: number;
  /** From the first packet to the end of the WebSocket handshake, name lookup included. */
  readonly connectMs: number;
  /** The longest wait before the first and before any later connection attempt (full jitter, doubling). */
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
  /** A connection or subscription that held this long starts the back-off anew. */
  readonly stableSec: number;
  /**
   * How long a connection may be silent before the relay is asked something, and how long it may then take: a
   * relay that is gone without a word is noticed within a minute. Idle, that is 2,500 small questions a day.
   */
  readonly askAfterMs: number;
  readonly replyMs: number;
  /** For the closing handshake. */
  readonly closeMs: number;
  /**
   * One message from a relay. Larger ones end the connection, and a stored event that large would do so at every
   * reading: well above what relays store, so that nobody can wedge an inbox with one big gift wrap.
   */
  readonly messageBytes: number;
  /** What comes in a second before the socket is paused. */
  readonly messagesPerSec: number;
  readonly bytesPerSec: number;
  /** Received and not worked off yet before it is paused; it is read again at a quarter of that. */
  readonly queuedBytes: number;
  /** One event, where whoever asks does not say less; and any other message. Larger ones are skipped unread. */
  readonly eventBytes: number;
  readonly wordsBytes: number;
  /** Bytes waiting to be sent on one connection before it counts as stuck. */
  readonly bufferedBytes: number;
  /** How long subscriptions wait for a NIP-42 challenge: usually, and where there was one before. */
  readonly challengeMs: number;
  readonly challengeExpectedMs: number;
  readonly challengesPerConnection: number;
  /** For a relay's OK, and for the signer of a NIP-42 answer before subscriptions open without it. */
  readonly answerMs: number;
  /** Without any event or end-of-stored-events, until a subscription is opened again. */
  readonly caughtUpMs: number;
  /** For one whole query, and what it may bring. */
  readonly fetchMs: number;
  readonly fetchedEvents: number;
  readonly fetchedBytes: number;
  /** Waiting on one relay at a time. */
  readonly pendingPublishes: number;
  readonly pendingFetches: number;
}

export const defaultLimits: RelayLimits = {
  relays: 32,
  connectMs: 15_000,
  backoffBaseMs: 1_000,
  backoffCapMs: 300_000,
  stableSec: 60,
  askAfterMs: 35_000,
  replyMs: 15_000,
  closeMs: 1_000,
  messageBytes: 4 * 1024 * 1024,
  messagesPerSec: 10_000,
  bytesPerSec: 8 * 1024 * 1024,
  queuedBytes: 1024 * 1024,
  eventBytes: 1024 * 1024,
  wordsBytes: 64 * 1024,
  bufferedBytes: 4 * 1024 * 1024,
  challengeMs: 100,
  challengeExpectedMs: 3_000,
  challengesPerConnection: 5,
  answerMs: 10_000,
  caughtUpMs: 60_000,
  fetchMs: 20_000,
  fetchedEvents: 1_000,
  fetchedBytes: 8 * 1024 * 1024,
  pendingPublishes: 100,
  pendingFetches: 20,
};
