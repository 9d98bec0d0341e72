import { readSync } from 'node:fs';
import { join } from 'node:path';
import { DaemonError } from '../errors.ts';
import { readPrivateFile, readSmallFile } from '../private-file.ts';

/** No key, password or passphrase is longer. */
const MAX_SECRET_BYTES = 4096;
/** How long to wait before a non-blocking descriptor is read again, in milliseconds. */
const AGAIN_MS = 10;

/**
 * The secret that somebody pipes into this descriptor, up to its end, without the newline that ends it.
 * Errors: `identity_invalid` for more than 4096 bytes.
 */
export function readSecretFromFd(fd: number): string {
  const buffer = Buffer.alloc(MAX_SECRET_BYTES + 1);
  try {
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSome(fd, buffer.subarray(length));
    }
    if (length > MAX_SECRET_BYTES) {
      throw new DaemonError('identity_invalid', `the secret is longer than ${MAX_SECRET_BYTES} bytes`, {
        repair: 'give nothing but the key or the password',
      });
    }
    return withoutNewline(buffer.subarray(0, length)).toString();
  } finally {
    buffer.fill(0);
  }
}

/** Waits for input also where the descriptor does not. */
function readSome(fd: number, buffer: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, buffer);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, AGAIN_MS);
    }
  }
}

/**
 * What a private file holds, without the newline that ends it; undefined without a file. For the caller to
 * zero. Errors: `path_unsafe` when others could read it.
 */
export async function readSecretFile(path: string): Promise<Buffer | undefined> {
  const bytes = await readPrivateFile(path, MAX_SECRET_BYTES);
  return bytes && withoutNewline(bytes);
}

/**
 * The same for a systemd credential; undefined also where systemd has passed none. Modes are not looked at:
 * systemd guards its directory by other means. Errors: `invalid_argument` for a name that is none.
 */
export async function readCredential(
  credentialsDir: string | undefined,
  name: string,
): Promise<Buffer | undefined> {
  if (!/^[^./][^/]*$/.test(name)) {
    throw new DaemonError('invalid_argument', `"${name}" is no name of a systemd credential`, {
      repair: 'name it as LoadCredential= in the unit does, without a path',
    });
  }
  if (credentialsDir === undefined) return undefined;
  const bytes = await readSmallFile(join(credentialsDir, name), MAX_SECRET_BYTES);
  return bytes && withoutNewline(bytes);
}

function withoutNewline(bytes: Buffer): Buffer {
  const end = bytes.at(-1) === 0x0a ? (bytes.at(-2) === 0x0d ? -2 : -1) : undefined;
  return bytes.subarray(0, end);
}
