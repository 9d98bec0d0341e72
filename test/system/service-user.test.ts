import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMachine } from '../support/machine.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';
import { until } from '../support/until.ts';

const machine = await startMachine();
const USER = 'alice';

describe.skipIf('hindrance' in machine)(
  `a service of one user${'hindrance' in machine ? ` (${machine.hindrance})` : ''}`,
  () => {
    if ('hindrance' in machine) return;
    let relay: TestRelay;
    const alice = (script: string): Promise<string> => machine.doAs(USER, script);
    const show = (property: string): Promise<string> =>
      alice(`systemctl --user show --value --property ${property} dialogd`);
    const logged = (words: string): Promise<boolean> =>
      until(async () => (await alice('dialogctl service logs --lines 500')).includes(words), words, 20_000);

    beforeAll(async () => {
      relay = await startRelay();
      await machine.do(`useradd --create-home ${USER} && systemctl start user@$(id -u ${USER})`);
      await alice(`dialogctl init --relay ${relay.url} --inbox ${relay.url}`);
    });
    afterAll(async () => {
      await machine.stop();
      await relay.stop();
    });

    test('a dry run shows the unit and every command, and does none of it', async () => {
      const text = await alice('dialogctl service install --dry-run');
      expect(text).toContain('write   /home/alice/.config/systemd/user/dialogd.service');
      expect(text).toContain(
        'ExecStart="/opt/node" "/opt/dialogd/dist/daemon/main.js" --config "/home/alice',
      );
      expect(text).toContain('run     systemctl --user restart dialogd.service');
      expect(await alice('ls .config/systemd 2>&1 || true')).toContain('No such file');
    });

    test('install starts it, waits until it is ready, and explains lingering', async () => {
      const text = await alice('dialogctl service install');
      expect(text).toContain('dialogd is installed and runs.');
      expect(text).toContain('loginctl enable-linger alice');
      expect(await show('ActiveState')).toBe('active\n');
      await machine.do(`loginctl enable-linger ${USER}`);
      expect(await alice('dialogctl service status')).not.toContain('enable-linger');
    });

    test('the journal tells its story, and the status is one honest line', async () => {
      for (const words of ['supervisor transport=', 'started version=', 'ready: ']) await logged(words);
      await until(
        async () => (await show('StatusText')).startsWith('11/11 published'),
        'the status line',
        20_000,
      );
      expect(await alice('dialogctl status')).toContain('11/11 published');
      expect(await alice('journalctl --quiet --user-unit dialogd -p warning')).toBe('');
    });

    test('installing again changes no file and leaves it running', async () => {
      const text = await alice('dialogctl service install');
      expect(text).not.toContain('write');
      expect(await show('ActiveState')).toBe('active\n');
    });

    test('after kill -9 it comes back with the same packages', async () => {
      const refs = 'dialogctl keys list --json | grep \'"ref"\' | sort';
      const before = await alice(refs);
      await alice('kill -KILL $(systemctl --user show --value --property MainPID dialogd)');
      await until(async () => (await show('NRestarts')) === '1\n', 'the restart', 20_000);
      await until(async () => (await show('ActiveState')) === 'active\n', 'it is ready', 20_000);
      expect(await alice(refs)).toBe(before);
    });

    test('a reload takes a new log level over, names what waits, and refuses a mistake', async () => {
      const config = '.config/dialogd/config.toml';
      await alice(`cp ${config} good.toml`);
      await alice(`printf '[log]\\nlevel = "debug"\\n[key_packages]\\nstandard = 9\\n' >> ${config}`);
      await alice('systemctl --user reload dialogd');
      await logged('config_reloaded logLevel=debug');
      await logged('restart_needed settings=key_packages.standard');
      await alice(`printf 'colour = "blue"\\n' > ${config} && systemctl --user reload dialogd`);
      await logged('config_refused: ');
      expect(await show('ActiveState')).toBe('active\n');
      expect(await alice('dialogctl status')).toContain('11/11 published');
      await alice(`mv good.toml ${config} && systemctl --user reload dialogd`);
    });

    test('a stop ends what is under way and says so', async () => {
      await alice('systemctl --user stop dialogd');
      expect(await show('Result')).toBe('success\n');
      await logged(': stopped');
    });

    test('a mistake in the configuration is not tried again', async () => {
      await alice('echo nonsense > .config/dialogd/config.toml');
      const { code, text } = await machine.run(
        `systemctl --user --machine ${USER}@ start dialogd; systemctl --user --machine ${USER}@ show --property NRestarts,ExecMainStatus dialogd`,
      );
      expect({ code, text }).toMatchObject({ code: 0, text: expect.stringContaining('ExecMainStatus=78') });
      expect(await show('ActiveState')).toBe('failed\n');
    });

    test('uninstall leaves only the state, and names it', async () => {
      const text = await alice('dialogctl service uninstall');
      expect(text).toContain('/home/alice/.local/state/dialogd');
      expect(await alice('find .config/systemd -name "*dialogd*"')).toBe('');
      expect(await alice('ls .local/state/dialogd')).toContain('account.json');
      expect(await alice('dialogctl service uninstall')).toContain('Nothing is installed.');
    });
  },
);
