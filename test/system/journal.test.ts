import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMachine } from '../support/machine.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';
import { until } from '../support/until.ts';

const machine = await startMachine();
const UNIT = 'dialogd@journal.service';
const CONFIG = '/etc/dialogd/journal/config.toml';

/** Logs so many lines as the daemon does, and is killed before it can do anything else. */
const killedWhileLogging = (lines: number, libc: string): string => `
  import { createLog } from '/opt/dialogd/dist/logging/logging.js';
  import { loadLibc } from '/opt/dialogd/dist/native/libc.js';
  const log = createLog('info', { fd: 2, terminal: false, env: process.env, libc: ${libc} });
  for (let line = 1; line <= ${lines}; line++) log.info('started', { version: 'line ' + line });
  process.kill(process.pid, 'SIGKILL');`;

describe.skipIf('hindrance' in machine)(
  `the journal${'hindrance' in machine ? ` (${machine.hindrance})` : ''}`,
  () => {
    if ('hindrance' in machine) return;
    let relay: TestRelay;
    const journal = async (args: string): Promise<string> =>
      machine.do(`journalctl --sync; journalctl --quiet --unit ${UNIT} ${args}`);
    /** The entries that match, with all their fields. */
    const entries = async (args: string): Promise<Record<string, string>[]> =>
      (await journal(`--output json ${args}`))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));
    const soon = (args: string): Promise<Record<string, string>[]> =>
      until(
        async () => {
          const found = await entries(args);
          return found.length > 0 ? found : undefined;
        },
        args,
        20_000,
      );

    beforeAll(async () => {
      relay = await startRelay();
      await machine.do(`
        mkdir -p ${CONFIG.replace('/config.toml', '')}; echo 'relays.bootstrap = ["${relay.url}"]' > ${CONFIG}
        systemd-run --quiet --wait --pipe --property DynamicUser=yes --property User=dialogd-journal \
          --property StateDirectory=dialogd/journal --property StateDirectoryMode=0700 \
          --property ConfigurationDirectory=dialogd/journal \
          /opt/node /opt/dialogd/dist/daemon/main.js init --state-dir /var/lib/private/dialogd/journal --relay ${relay.url}
        dialogctl service install --system --account journal`);
    });
    afterAll(async () => {
      await machine.stop();
      await relay.stop();
    });

    test('an event is found by its name, with its fields, and belongs to the unit', async () => {
      const [ready] = await soon('DIALOGD_EVENT=ready');
      expect(ready).toMatchObject({
        PRIORITY: '6',
        SYSLOG_IDENTIFIER: 'dialogd',
        DIALOGD_STATUS: expect.stringContaining('1/1 relays'),
        MESSAGE: `ready: ${ready?.DIALOGD_STATUS}`,
        _TRANSPORT: 'journal',
        _SYSTEMD_UNIT: UNIT,
      });
      await soon(`DIALOGD_EVENT=events_accepted DIALOGD_RELAY=${relay.url}`);
      expect(await journal('--priority warning')).toBe('');
    });

    test('a refused configuration is an error, with every word of the reason', async () => {
      await machine.do(`echo 'colour = "blue"' > ${CONFIG}; systemctl reload ${UNIT}`);
      const [refused] = await soon('--priority err');
      expect(refused).toMatchObject({
        DIALOGD_EVENT: 'config_refused',
        DIALOGD_MESSAGE: `${CONFIG}:\n  colour: unknown setting`,
        DIALOGD_REPAIR: expect.stringContaining('README'),
      });
    });

    test('from start to stop it reads like a story', async () => {
      await machine.do(`systemctl stop ${UNIT}`);
      await soon('DIALOGD_EVENT=stopped');
      const story = await journal('--output cat');
      const words = [
        'Starting dialogd@',
        'supervisor transport=',
        'socket_listening path=/run/dialogd/journal/dialogd.sock',
        'started version=',
        `relay_connected relay=${relay.url}`,
        'ready: ',
        'Started dialogd@',
        'key_packages_staged count=11 reason=slot_empty',
        `events_accepted relay=${relay.url} count=11`,
        'config_refused: ',
        'stopping\n',
        'stopped\n',
        'Stopped dialogd@',
      ];
      const found = words.filter((each) => story.includes(each));
      expect(found, story).toEqual(words);
      expect(story.indexOf('Starting')).toBeLessThan(story.indexOf('ready: '));
      expect(story.indexOf('stopping\n')).toBeLessThan(story.indexOf('stopped\n'));
    });

    test('a start that is refused says why, under the name of the unit', async () => {
      await machine.run(`systemctl start ${UNIT}`);
      const [failed] = await soon('DIALOGD_EVENT=failed');
      expect(failed).toMatchObject({ DIALOGD_CODE: 'config_invalid', PRIORITY: '3' });
      expect(failed?.MESSAGE).toContain('colour: unknown setting');
    });

    test.each([
      ['by the native protocol', 'loadLibc()', 'DIALOGD_EVENT=started | grep -c "line "'],
      ['as JSON on standard error', 'undefined', '| grep -c \'"version":"line \''],
    ])('a process that is killed has lost no line, written %s', async (_, libc, lines) => {
      const name = `killed-${libc === 'undefined' ? 'json' : 'native'}`;
      await machine.do(`cat > /var/${name}.mjs <<'END'\n${killedWhileLogging(500, libc)}\nEND`);
      await machine.run(
        `systemd-run --quiet --wait --unit ${name} --property StandardError=journal /opt/node /var/${name}.mjs`,
      );
      const count = `journalctl --sync; journalctl --unit ${name} --output cat ${lines}`;
      await until(async () => (await machine.do(count)) === '500\n', `500 lines of ${name}`, 20_000);
    });
  },
);
