import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { promisify } from 'node:util';
import { Decrypter, Encrypter, type Identity, type Recipient, Stanza } from 'age-encryption';
import { DaemonError } from '../errors.ts';

/**
 * Files of the format age-encryption.org/v1 under a passphrase, which the `age` tool opens. The key is stretched by
 * node:crypto beside the event loop; the library would stop it for a second.
 */
const LABEL = 'age-encryption.org/v1/scrypt';
/** How such a file begins. */
const MAGIC = 'age-encryption.org/v1\n-> scrypt ';
const SALT_LENGTH = 16;
/** 256 MiB for about a second, what `age` itself takes for a guess. */
export const LOG_ROUNDS = 18;
/** 1 GiB. The file chooses the number. */
const MAX_LOG_ROUNDS = 20;
const CIPHER = 'chacha20-poly1305';
const TAG_LENGTH = 16;
const FILE_KEY_LENGTH = 16;
/** The key is used once. */
const NONCE = Buffer.alloc(12);

type Bytes = AsyncIterable<Uint8Array>;

export async function encryptWithPassphrase(
  passphrase: string,
  plaintext: Bytes,
  logRounds: number,
): Promise<Bytes> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient(passphrase, logRounds));
  return encrypter.encrypt(webStream(plaintext));
}

/**
 * The plaintext, whole only when the iteration ends without an error. A wrong passphrase cannot be told from damage
 * within the first 150 bytes. Errors, also while iterating: `passphrase_wrong`, `backup_damaged`, and what
 * `encrypted` throws.
 */
export async function* decryptWithPassphrase(passphrase: string, encrypted: Bytes): Bytes {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity(passphrase));
  try {
    yield* (await decrypter.decrypt(webStream(checkedBeginning(encrypted)))) as ReadableStream<Uint8Array>;
  } catch (error) {
    if (error instanceof DaemonError || isSystemError(error)) throw error;
    throw damaged('it is not as it was written, or not whole', error);
  }
}

async function* checkedBeginning(encrypted: Bytes): Bytes {
  let checked = false;
  for await (const chunk of encrypted) {
    const beginning = Buffer.from(chunk.subarray(0, MAGIC.length)).toString('latin1');
    if (!checked && beginning !== MAGIC) throw damaged('it is no file encrypted with a passphrase');
    checked = true;
    yield chunk;
  }
}

const recipient = (passphrase: string, logRounds: number): Recipient => ({
  async wrapFileKey(fileKey) {
    const salt = randomBytes(SALT_LENGTH);
    const cipher = createCipheriv(CIPHER, await stretch(passphrase, salt, logRounds), NONCE, {
      authTagLength: TAG_LENGTH,
    });
    const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
    const unpadded = salt.toString('base64').replace(/=+$/, '');
    return [new Stanza(['scrypt', unpadded, String(logRounds)], Uint8Array.from(body))];
  },
});

const identity = (passphrase: string): Identity => ({
  async unwrapFileKey([stanza, ...others]) {
    const [type, salt = '', logRounds = ''] = stanza?.args ?? [];
    const { body } = stanza ?? {};
    const wellFormed = others.length === 0 && type === 'scrypt' && /^[1-9][0-9]?$/.test(logRounds);
    if (!wellFormed || body?.length !== FILE_KEY_LENGTH + TAG_LENGTH)
      throw damaged('its header is unreadable');
    if (Number(logRounds) > MAX_LOG_ROUNDS) {
      throw damaged(`it asks for more than 2^${MAX_LOG_ROUNDS} rounds of scrypt`);
    }
    const key = await stretch(passphrase, Buffer.from(salt, 'base64'), Number(logRounds));
    const decipher = createDecipheriv(CIPHER, key, NONCE, { authTagLength: TAG_LENGTH });
    decipher.setAuthTag(body.subarray(FILE_KEY_LENGTH));
    const fileKey = decipher.update(body.subarray(0, FILE_KEY_LENGTH));
    try {
      decipher.final();
      return Uint8Array.from(fileKey);
    } catch {
      throw new DaemonError('passphrase_wrong', 'the passphrase is not that of this backup', {
        repair: 'try again; if it is surely right, the first lines of the file are damaged: use another copy',
      });
    }
  },
});

const scryptKey = promisify<string, Buffer, number, object, Buffer>(scrypt);

function stretch(passphrase: string, salt: Buffer, logRounds: number): Promise<Buffer> {
  const [N, r] = [2 ** logRounds, 8];
  return scryptKey(passphrase, Buffer.concat([Buffer.from(LABEL), salt]), 32, {
    N,
    r,
    p: 1,
    maxmem: 256 * N * r,
  });
}

const damaged = (reason: string, cause?: unknown): DaemonError =>
  new DaemonError('backup_damaged', `this backup is damaged: ${reason}`, {
    repair: 'use another copy of it, or another backup',
    cause,
  });

const isSystemError = (error: unknown): boolean =>
  typeof (error as NodeJS.ErrnoException | undefined)?.syscall === 'string';

const webStream = (bytes: Bytes): globalThis.ReadableStream<Uint8Array> =>
  Readable.toWeb(Readable.from(bytes, { objectMode: false })) as globalThis.ReadableStream<Uint8Array>;
