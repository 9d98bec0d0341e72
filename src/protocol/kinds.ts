/** The registered numbers of the wire profile (protocol.md), each with its source. */

/** Kinds of Nostr events. */
export const KIND = {
  /** NIP-09 */
  deletion: 5,
  /** NIP-25 */
  reaction: 7,
  /** NIP-59 */
  seal: 13,
  /** NIP-17 */
  directMessage: 14,
  /** NIP-17 */
  directFile: 15,
  /** KeyPackage of the obsolete MIP profile; never emitted. */
  obsoleteKeyPackage: 443,
  /** Marmot transports/nostr: Welcome rumor, only ever inside a gift wrap. */
  welcome: 444,
  /** Marmot transports/nostr */
  groupMessage: 445,
  /** Marmot account-identity-proof-v2: signed, never published. */
  accountProof: 450,
  /** NIP-59 */
  giftWrap: 1059,
  /** NIP-65 */
  relayList: 10002,
  /** NIP-17 */
  inboxRelays: 10050,
  /** Marmot transports/nostr: the addressable KeyPackage event. */
  keyPackage: 30443,
} as const;

/** MLS protocol version mls10 (RFC 9420 section 6). */
export const MLS10 = 0x0001;
/** MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519 (RFC 9420 section 17.1). */
export const CIPHERSUITE = 0x0001;
/** Ed25519 in the TLS SignatureScheme registry (RFC 8446 section 4.2.3). */
export const SIGNATURE_SCHEME = 0x0807;
/** MLS credential type `basic` (RFC 9420 section 17.5). */
export const BASIC_CREDENTIAL = 0x0001;

/** MLS extension types. */
export const EXTENSION = {
  /** RFC 9420 section 17.3 */
  ratchetTree: 0x0002,
  /** RFC 9420 section 17.3 */
  requiredCapabilities: 0x0003,
  /** draft-ietf-mls-extensions */
  appDataDictionary: 0x0006,
  /** Marmot: the role marker of a client that receives, and ignores live stream previews. */
  receiveRole: 0xf2d1,
  /** Group data of the obsolete MIP profile. */
  obsoleteGroupData: 0xf2ee,
  /** Account proof as a leaf extension, of a short-lived profile. */
  obsoleteAccountProof: 0xf2f1,
} as const;

/** RFC 9420 section 7.2: ids that every client knows and that must not be listed in capabilities. */
export const isDefaultExtension = (id: number): boolean => id >= 1 && id <= 5;
export const isDefaultProposal = (id: number): boolean => id >= 1 && id <= 7;

/** MLS proposal types beyond RFC 9420 (draft-ietf-mls-extensions; protocol.md section 6). */
export const PROPOSAL = {
  appDataUpdate: 0x0008,
  selfRemove: 0x000a,
} as const;

/** Component ids: below 0x8000 of draft-ietf-mls-extensions, from there on of Marmot (protocol.md section 6). */
export const COMPONENT = {
  appComponents: 0x0001,
  safeAad: 0x0002,
  lastResort: 0x0004,
  groupProfile: 0x8001,
  groupImage: 0x8002,
  adminPolicy: 0x8003,
  nostrRouting: 0x8004,
  messageRetention: 0x8005,
  agentTextStream: 0x8006,
  avatarUrl: 0x8007,
  accountIdentityProof: 0x8009,
  encryptedMedia: 0x800b,
  lifecycle: 0x800c,
} as const;

/** The first component id outside the range that MLS drafts assign; only these are named in event tags. */
export const FIRST_MARMOT_COMPONENT = 0x8000;

/** An id as event tags write it: `0x` and four lowercase hex digits. */
export const idText = (id: number): string => `0x${id.toString(16).padStart(4, '0')}`;
