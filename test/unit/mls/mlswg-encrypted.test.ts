/**
 * The rows of secret-tree and message-protection that the profile has no use for: handshake messages as
 * PrivateMessage. They test the providers, through ts-mls; the room itself refuses such messages.
 */
import { decodeMlsMessage, type PrivateMessage } from 'ts-mls';
import { encodeCommit } from 'ts-mls/commit.js';
import { defaultKeyRetentionConfig } from 'ts-mls/keyRetentionConfig.js';
import { unprotectPrivateMessage } from 'ts-mls/messageProtection.js';
import { encodeProposal } from 'ts-mls/proposal.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { createSecretTree, deriveKey, deriveNonce, ratchetUntil } from 'ts-mls/secretTree.js';
import { expandSenderDataKey, expandSenderDataNonce } from 'ts-mls/sender.js';
import { describe, expect, test } from 'vitest';
import { CIPHERSUITE_NAME } from '../../../src/mls/crypto/provider.ts';
import { decodeKeyPackageMessage } from '../../../src/mls/messages/key-package-message.ts';
import { PROVIDERS } from './providers.ts';
import { fromHex, mls, sampleRequest, toHex, vectors } from './samples.ts';

interface SecretTree {
  readonly encryption_secret: string;
  readonly sender_data: Readonly<Record<'sender_data_secret' | 'ciphertext' | 'key' | 'nonce', string>>;
  readonly leaves: readonly (readonly Generation[])[];
}
interface Generation {
  readonly generation: number;
  readonly handshake_key: string;
  readonly handshake_nonce: string;
}

interface Protection {
  readonly group_id: string;
  readonly epoch: number;
  readonly tree_hash: string;
  readonly confirmed_transcript_hash: string;
  readonly encryption_secret: string;
  readonly sender_data_secret: string;
  readonly signature_pub: string;
  readonly proposal: string;
  readonly proposal_priv: string;
  readonly commit: string;
  readonly commit_priv: string;
}

const secretTrees = vectors<SecretTree[]>('mlswg/secret-tree.json');
const protections = vectors<Protection[]>('mlswg/message-protection.json');

/** Two members; the library only looks whether the sender's leaf is there, its key is given beside it. */
const { leafNode: leaf } = decodeKeyPackageMessage(mls.generateKeyPackage(sampleRequest()).message);
const TREE: RatchetTree = [{ nodeType: 'leaf', leaf }, undefined, { nodeType: 'leaf', leaf }];

function privateMessage(hex: string): PrivateMessage {
  const message = decodeMlsMessage(fromHex(hex), 0)?.[0];
  if (message?.wireformat !== 'mls_private_message') throw new Error('not a PrivateMessage');
  return message.privateMessage;
}

describe.each(PROVIDERS)('%s', (_name, cs) => {
  test('secret-tree: handshake keys', async () => {
    for (const { encryption_secret, leaves } of secretTrees) {
      const tree = await createSecretTree(leaves.length, fromHex(encryption_secret), cs.kdf);
      for (const [index, generations] of leaves.entries()) {
        for (const { generation, handshake_key, handshake_nonce } of generations) {
          const root = tree[2 * index]?.handshake;
          if (root === undefined) throw new Error('no such leaf');
          const [{ secret }] = await ratchetUntil(root, generation, defaultKeyRetentionConfig, cs.kdf);
          expect(toHex(await deriveKey(secret, generation, cs))).toBe(handshake_key);
          expect(toHex(await deriveNonce(secret, generation, cs))).toBe(handshake_nonce);
        }
      }
    }
  });

  test('secret-tree: sender data', async () => {
    for (const { sender_data } of secretTrees) {
      const secret = fromHex(sender_data.sender_data_secret);
      const ciphertext = fromHex(sender_data.ciphertext);
      expect(toHex(await expandSenderDataKey(cs, secret, ciphertext))).toBe(sender_data.key);
      expect(toHex(await expandSenderDataNonce(cs, secret, ciphertext))).toBe(sender_data.nonce);
    }
  });

  test('message-protection: an encrypted proposal and an encrypted commit', async () => {
    for (const vector of protections) {
      const opened = async (hex: string) => {
        const { content } = await unprotectPrivateMessage(
          fromHex(vector.sender_data_secret),
          privateMessage(hex),
          await createSecretTree(2, fromHex(vector.encryption_secret), cs.kdf),
          TREE,
          {
            version: 'mls10',
            cipherSuite: CIPHERSUITE_NAME,
            groupId: fromHex(vector.group_id),
            epoch: BigInt(vector.epoch),
            treeHash: fromHex(vector.tree_hash),
            confirmedTranscriptHash: fromHex(vector.confirmed_transcript_hash),
            extensions: [],
          },
          defaultKeyRetentionConfig,
          cs,
          fromHex(vector.signature_pub),
        );
        return content.content;
      };
      const proposal = await opened(vector.proposal_priv);
      const commit = await opened(vector.commit_priv);
      if (proposal.contentType !== 'proposal' || commit.contentType !== 'commit') throw new Error('mixed up');
      expect(toHex(encodeProposal(proposal.proposal))).toBe(vector.proposal);
      expect(toHex(encodeCommit(commit.commit))).toBe(vector.commit);
    }
  });
});
