import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { reloadConfig } from '../../../src/daemon/reload.ts';
import { createRecordingLog } from '../../support/log.ts';

/** Starts with one configuration, reads another; returns what was logged and the levels that were set. */
async function reloaded(before: string, after: string) {
  const directory = await mkdtemp(join(tmpdir(), 'dialogd-reload-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, 'config.toml');
  await writeFile(file, before);
  const started = loadConfig(file);
  await writeFile(file, after);
  const levels: string[] = [];
  const log = createRecordingLog();
  reloadConfig(() => loadConfig(file), started, { ...log, setLevel: (level) => levels.push(level) });
  return { levels, lines: log.lines };
}

test('another log level applies at once, and needs nothing else', async () => {
  const { levels, lines } = await reloaded('', '[log]\nlevel = "debug"\n');
  expect(levels).toEqual(['debug']);
  expect(lines.map(({ event }) => event)).toEqual(['config_reloaded']);
});

test('whatever else differs is named and waits for a restart, also what was taken out', async () => {
  const { lines } = await reloaded(
    '[seal]\npassphrase_file = "/p"\n',
    '[relays]\nbootstrap = ["wss://a.example"]\n[key_packages]\nstandard = 3\n',
  );
  expect(lines[1]).toMatchObject({
    level: 'warn',
    event: 'restart_needed',
    fields: { settings: ['relays.bootstrap', 'key_packages.standard', 'seal.passphrase_file'] },
  });
});

test('a file with a mistake is refused with its reasons, and the old configuration stays', async () => {
  const { levels, lines } = await reloaded('', '[log]\nlevel = "debug"\ncolour = "blue"\n');
  expect(levels).toEqual([]);
  expect(lines).toMatchObject([{ level: 'error', event: 'config_refused' }]);
  expect(lines[0]?.fields.message).toContain('log.colour: unknown setting');
});
