import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import { cancel, isCancel, password } from '@clack/prompts';
import { DaemonError } from '../errors.ts';
import { MAX_BACKUP_PASSPHRASE, MIN_BACKUP_PASSPHRASE } from '../ipc/protocol/daemon.ts';
import { readPrivateFile } from '../private-file.ts';
import type { Dialogue, Terminal } from './terminal.ts';

export interface PassphraseOptions {
  readonly passphraseFd?: number;
  readonly passphraseFile?: string;
}

const MAX_BYTES = 4_096;

/**
 * The passphrase of a backup: from a descriptor, a private file, or whoever sits at the terminal, who is asked twice
 * for a new one. Undefined when that person gave up.
 * Errors: `invalid_argument` where nobody can be asked, or for one that is too short or too long; `path_unsafe`.
 */
export async function obtainPassphrase(
  terminal: Terminal,
  options: PassphraseOptions,
  purpose: 'new' | 'known',
): Promise<string | undefined> {
  const given = await givenPassphrase(options);
  if (given === undefined) return ask(terminal.dialogue, purpose);
  const mistake = mistakeIn(given, purpose);
  if (mistake === undefined) return given;
  throw new DaemonError('invalid_argument', mistake, { repair: 'give one of several words' });
}

async function givenPassphrase({
  passphraseFd,
  passphraseFile,
}: PassphraseOptions): Promise<string | undefined> {
  if (passphraseFd !== undefined) {
    const stream = createReadStream('', { fd: passphraseFd, end: MAX_BYTES, autoClose: false });
    return withoutNewline(await text(stream));
  }
  if (passphraseFile === undefined) return undefined;
  const bytes = await readPrivateFile(passphraseFile, MAX_BYTES);
  if (bytes !== undefined) return withoutNewline(bytes.toString());
  throw new DaemonError('invalid_argument', `${passphraseFile} is not there`, {
    repair: 'name the file with the passphrase',
  });
}

const withoutNewline = (given: string): string => given.replace(/\r?\n$/, '');

function mistakeIn(passphrase: string, purpose: 'new' | 'known'): string | undefined {
  if (passphrase.length > MAX_BACKUP_PASSPHRASE) {
    return `a passphrase has at most ${MAX_BACKUP_PASSPHRASE} characters`;
  }
  return purpose === 'new' && passphrase.length < MIN_BACKUP_PASSPHRASE
    ? `a passphrase has at least ${MIN_BACKUP_PASSPHRASE} characters`
    : undefined;
}

async function ask(dialogue: Dialogue | undefined, purpose: 'new' | 'known'): Promise<string | undefined> {
  if (dialogue === undefined) {
    throw new DaemonError('invalid_argument', 'there is nobody to ask for the passphrase', {
      repair: 'give it with --passphrase-fd or --passphrase-file',
    });
  }
  const validate = (value: string | undefined): string | undefined => mistakeIn(value ?? '', purpose);
  const first = await password({ ...dialogue, message: 'Passphrase of the backup', validate });
  const again =
    purpose === 'known' || isCancel(first)
      ? first
      : await password({
          ...dialogue,
          message: 'The same once more',
          validate: (value) => (value === first ? undefined : 'this is another one'),
        });
  if (!isCancel(again)) return again;
  cancel('Nothing was done.', dialogue);
  return undefined;
}
