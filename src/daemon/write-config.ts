import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parse, stringify } from 'smol-toml';
import { DaemonError } from '../errors.ts';
import { ignoreMissing, writePrivateFile } from '../private-file.ts';

/**
 * Adds what `init` was told to the configuration. An existing file is never rewritten: if it lacks one of the
 * settings, the person is told to add it. Error: `config_invalid`.
 */
export async function addSettings(
  file: string,
  { bootstrap, passphraseFile }: { bootstrap: readonly string[]; passphraseFile: string | undefined },
): Promise<void> {
  const wanted = {
    ...(bootstrap.length === 0 ? {} : { relays: { bootstrap: [...bootstrap] } }),
    ...(passphraseFile === undefined ? {} : { seal: { passphrase_file: passphraseFile } }),
  };
  const text = stringify(wanted);
  const existing = await readFile(file, 'utf8').catch(ignoreMissing);
  if (existing === undefined) {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    return writePrivateFile(file, text);
  }
  const has = parse(existing) as { relays?: { bootstrap?: unknown }; seal?: { passphrase_file?: unknown } };
  const missing =
    (bootstrap.length > 0 && has.relays?.bootstrap === undefined) ||
    (passphraseFile !== undefined && has.seal?.passphrase_file !== passphraseFile);
  if (!missing) return;
  throw new DaemonError('config_invalid', `${file} exists and lacks:\n${text}`, {
    repair: 'add these lines to it and run dialogctl init again; nothing was changed',
  });
}
