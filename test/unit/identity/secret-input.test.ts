import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { chmod, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCredential, readSecretFile, readSecretFromFd } from '../../../src/identity/secret-input.ts';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dialogd-'));
  path = join(directory, 'secret');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const putFile = async (content: string | Buffer, mode = 0o600): Promise<void> => {
  await writeFile(path, content);
  await chmod(path, mode);
};

async function readThroughFd(flags: number): Promise<string> {
  const handle = await open(path, flags);
  try {
    return readSecretFromFd(handle.fd);
  } finally {
    await handle.close();
  }
}

describe('a secret on a file descriptor', () => {
  it.each([
    ['a newline', 'nsec1xyz\n'],
    ['the newline of Windows', 'nsec1xyz\r\n'],
    ['nothing', 'nsec1xyz'],
  ])('ends with %s, which is no part of it', async (_, content) => {
    await putFile(content);
    expect(await readThroughFd(constants.O_RDONLY)).toBe('nsec1xyz');
  });

  it('keeps the blanks and newlines within it', async () => {
    await putFile(' pass\nword \n\n');
    expect(await readThroughFd(constants.O_RDONLY)).toBe(' pass\nword \n');
  });

  it('may have 4096 bytes and no more', async () => {
    await putFile('x'.repeat(4096));
    expect(await readThroughFd(constants.O_RDONLY)).toHaveLength(4096);
    await putFile('x'.repeat(4097));
    await expect(readThroughFd(constants.O_RDONLY)).rejects.toMatchObject({ code: 'identity_invalid' });
  });

  it('is waited for to its end, even where reading does not block', async () => {
    const writing = `mkfifo "$0"; echo made; exec 3>"$0"; echo open
      sleep 0.05; printf one >&3; sleep 0.05; printf "two\\n" >&3`;
    const writer = spawn('sh', ['-c', writing, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(writer.stdout, 'data');
    const opened = once(writer.stdout, 'data');
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    await opened;
    expect(readSecretFromFd(handle.fd)).toBe('onetwo');
    await handle.close();
  });
});

describe('a secret in a file', () => {
  it('is read as bytes, without the newline that ends it', async () => {
    await putFile(Buffer.from([0, 255, 10]));
    expect(await readSecretFile(path)).toEqual(Buffer.from([0, 255]));
  });

  it('is undefined without a file', async () => {
    expect(await readSecretFile(path)).toBeUndefined();
  });

  it.each([0o640, 0o604, 0o620])('is refused with mode %o', async (mode) => {
    await putFile('secret', mode);
    await expect(readSecretFile(path)).rejects.toMatchObject({
      code: 'path_unsafe',
      repair: `chmod 600 ${path}`,
    });
  });

  it.skipIf(process.geteuid?.() === 0)('is refused when this user may not read it', async () => {
    await putFile('secret', 0o000);
    await expect(readSecretFile(path)).rejects.toMatchObject({ code: 'path_unsafe' });
  });

  it('is refused, and not waited for, when it is a pipe', async () => {
    await once(spawn('sh', ['-c', 'mkfifo -m 600 "$0"', path]), 'exit');
    await expect(readSecretFile(path)).rejects.toMatchObject({ code: 'path_unsafe' });
  });

  it('is refused when the file is too long or a directory', async () => {
    await putFile('x'.repeat(4097));
    await expect(readSecretFile(path)).rejects.toMatchObject({ code: 'path_unsafe' });
    await chmod(directory, 0o700);
    await expect(readSecretFile(directory)).rejects.toMatchObject({ code: 'path_unsafe' });
  });
});

describe('a systemd credential', () => {
  it('is read whatever its mode says, for systemd guards it', async () => {
    await putFile('secret\n', 0o440);
    expect(await readCredential(directory, 'secret')).toEqual(Buffer.from('secret'));
  });

  it('is undefined when systemd has passed none of that name, or none at all', async () => {
    expect(await readCredential(directory, 'secret')).toBeUndefined();
    expect(await readCredential(undefined, 'secret')).toBeUndefined();
  });

  it.each(['../secret', '/etc/passwd', '.', '..', ''])('cannot be named %j', async (name) => {
    await expect(readCredential(directory, name)).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});
