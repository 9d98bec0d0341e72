import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { resolvePaths } from '../../src/paths.ts';

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true });
});

function fileWith(text: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'dialogd-config-'));
  dirs.push(dir);
  const file = join(dir, 'config.toml');
  writeFileSync(file, text);
  return file;
}

/** The message of the refusal, whatever it is. */
function refusal(text: string): string {
  try {
    loadConfig(fileWith(text));
  } catch (error) {
    expect(error).toMatchObject({ code: 'config_invalid', repair: expect.any(String) });
    return (error as Error).message;
  }
  return expect.unreachable('the configuration was accepted');
}

describe('the configuration', () => {
  test('without a file is the defaults', () => {
    const { key_packages, relays, schedule } = loadConfig('/nowhere/config.toml');
    expect(key_packages).toEqual({
      standard: 10,
      last_resort: 1,
      refresh_after: 86_400,
      low_stock: 5,
      lifetime: 84 * 86_400,
    });
    expect(relays.bootstrap).toEqual([]);
    expect(schedule.tick).toBe('*/15 * * * *');
  });

  test('takes a metrics file by its whole path only, and one that the node exporter reads', () => {
    const withFile = (path: string) => `[metrics]\ntextfile = "${path}"\n`;
    expect(loadConfig(fileWith(withFile('/m/dialogd.prom'))).metrics.textfile).toBe('/m/dialogd.prom');
    for (const path of ['dialogd.prom', '/m/dialogd.txt']) {
      expect(refusal(withFile(path))).toContain('metrics.textfile: write an absolute path');
    }
  });

  test.each([
    ['90 s', 90],
    ['15min', 900],
    ['2 h', 7_200],
    ['3 d', 259_200],
  ])('reads the duration %s', (text, sec) => {
    const { key_packages } = loadConfig(fileWith(`[key_packages]\nrefresh_after = "${text}"\n`));
    expect(key_packages.refresh_after).toBe(sec);
  });

  test('names every problem at once, unknown settings included', () => {
    const message = refusal(`
      colour = "blue"
      [relays]
      bootstrap = ["https://relay.example"]
      [key_packages]
      standart = 3
      lifetime = "85 d"
      refresh_after = "soon"
    `);
    for (const place of [
      'colour: unknown setting',
      'relays.bootstrap.0',
      'key_packages.standart: unknown setting',
      'key_packages.lifetime: between',
      'key_packages.refresh_after: write',
    ]) {
      expect(message).toContain(place);
    }
  });

  test.each(['a b c d e', '61 * * * *', '0 0 31 2 *', '* * * *', ''])(
    'refuses a tick that never comes: "%s"',
    (tick) => {
      expect(refusal(`[schedule]\ntick = "${tick}"\n`)).toContain('schedule.tick: write a cron expression');
    },
  );

  test('takes a tick of five or six fields', () => {
    for (const tick of ['*/5 * * * *', '30 */5 * * * *']) {
      expect(loadConfig(fileWith(`[schedule]\ntick = "${tick}"\n`)).schedule.tick).toBe(tick);
    }
  });

  test('names the line of a syntax error', () => {
    expect(refusal('[relays]\nbootstrap = [\n')).toMatch(/line \d+, column \d+/);
  });

  test('a flag wins over the file', () => {
    expect(loadConfig(fileWith('[log]\nlevel = "warn"\n'), { logLevel: 'debug' }).log.level).toBe('debug');
  });
});

describe('the places', () => {
  test('are below the home directory, or where XDG says', () => {
    expect(resolvePaths({ HOME: '/home/a' })).toEqual({
      configFile: '/home/a/.config/dialogd/config.toml',
      stateDir: '/home/a/.local/state/dialogd',
      runtimeDir: '/home/a/.local/state/dialogd/run',
    });
    const xdg = { HOME: '/home/a', XDG_STATE_HOME: '/s', XDG_RUNTIME_DIR: '/r', XDG_CONFIG_HOME: '/c' };
    expect(resolvePaths(xdg)).toEqual({
      configFile: '/c/dialogd/config.toml',
      stateDir: '/s/dialogd',
      runtimeDir: '/r/dialogd',
    });
  });

  test('are those of systemd where it gives them, and flags win over all', () => {
    const env = {
      STATE_DIRECTORY: '/s',
      RUNTIME_DIRECTORY: '/r',
      CONFIGURATION_DIRECTORY: '/c',
      XDG_RUNTIME_DIR: '/x',
    };
    expect(resolvePaths(env)).toEqual({ configFile: '/c/config.toml', stateDir: '/s', runtimeDir: '/r' });
    const flags = { config: '/f/c.toml', stateDir: '/f/s', runtimeDir: '/f/r' };
    expect(resolvePaths(env, flags)).toEqual({
      configFile: '/f/c.toml',
      stateDir: '/f/s',
      runtimeDir: '/f/r',
    });
  });
});
