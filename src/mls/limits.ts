/** What a peer can make us hold or compute, at most. Real groups stay far below. */

/** Slots for members, blank ones included: a tree is as wide as a power of two. */
export const MAX_LEAVES = 4_096;
/** A whole GroupInfo with the tree of `MAX_LEAVES` members. */
export const MAX_WELCOME_BYTES = 4 * 1_048_576;
/** One handshake or application message. */
export const MAX_MESSAGE_BYTES = 1_048_576;
/** Proposals in one commit; a founding commit adds everyone at once. */
export const MAX_PROPOSALS = 1_024;
/** Proposals of one sender that wait for a commit in one epoch. */
export const MAX_PENDING_PER_SENDER = 8;
/** All waiting proposals of one epoch together. */
export const MAX_PENDING_BYTES = 1_048_576;
/** Stored states: epochs of one group, tree included. */
export const MAX_STATE_BYTES = 8 * 1_048_576;

/** Message keys of passed generations that are kept for late messages (protocol.md section 6). */
export const OUT_OF_ORDER_TOLERANCE = 100;
/** Generations that one message may skip (protocol.md section 6). */
export const MAX_FORWARD_GENERATIONS = 1_000;
