import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMachine, userOf } from '../support/machine.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';
import { askingWhile } from '../support/steady-client.ts';
import { until } from '../support/until.ts';

const machine = await startMachine();
const USER = 'alice';
const readOnly = (socket: string): string => socket.replace(/\.sock$/, '-ro.sock');

describe.skipIf('hindrance' in machine)(
  `a service of one user${'hindrance' in machine ? ` (${machine.hindrance})` : ''}`,
  () => {
    if ('hindrance' in machine) return;
    let relay: TestRelay;
    const { run: alice, show } = userOf(machine, USER);
    const logged = (words: string): Promise<boolean> =>
      until(async () => (await alice('dialogctl service logs --lines 500')).includes(words), words, 20_000);

    const refs = async (): Promise<string[]> =>
      (await alice('dialogctl keys list --json')).match(/"ref": "\w+"/g) ?? [];
    const whole = (): Promise<unknown> =>
      until(async () => (await alice('dialogctl status || true')).includes('11/11'), 'it is whole', 20_000);
    const userManager = `systemctl is-active user@$(id -u ${USER})`;
    let socket: string;

    beforeAll(async () => {
      relay = await startRelay();
      // logind ends a user's processes ten seconds after the last session otherwise.
      await machine.do(
        `mkdir -p /etc/systemd/logind.conf.d && printf '[Login]\\nUserStopDelaySec=0\\n' > /etc/systemd/logind.conf.d/soon.conf
        systemctl restart systemd-logind && useradd --create-home ${USER}
        systemd-run --quiet --unit session --uid ${USER} --property PAMName=login sleep infinity`,
      );
      await until(async () => (await machine.run(userManager)).code === 0, 'the session of alice', 20_000);
      socket = `/run/user/${(await machine.do(`id -u ${USER}`)).trim()}/dialogd/dialogd.sock`;
      await alice(
        `(umask 077; echo correct horse battery staple > phrase)
        dialogctl init --relay ${relay.url} --inbox ${relay.url} --passphrase-file /home/${USER}/phrase`,
      );
    });
    afterAll(async () => {
      await machine.stop();
      await relay.stop();
    });

    test('a dry run shows the units and every command, and does none of it', async () => {
      const text = await alice('dialogctl service install --dry-run');
      expect(text).toContain('Nothing is done.');
      expect(text).toContain('write   /home/alice/.config/systemd/user/dialogd.socket');
      expect(text).toContain('ListenStream=%t/dialogd/dialogd-ro.sock');
      expect(text).toContain('write   /home/alice/.config/systemd/user/dialogd.service');
      expect(text).toContain(
        'ExecStart="/opt/node" "/opt/dialogd/dist/daemon/main.js" --config "/home/alice',
      );
      expect(text).toContain('run     systemctl --user restart dialogd.socket dialogd.service');
      expect(await alice('ls .config/systemd 2>&1 || true')).toContain('No such file');
    });

    test('install starts it, waits until it is ready, and explains lingering', async () => {
      const text = await alice('dialogctl service install');
      expect(text).toContain('dialogd is installed and runs.');
      expect(text).toContain('loginctl enable-linger alice');
      expect(await show('ActiveState')).toBe('active\n');
      expect(await alice('dialogctl service status')).toContain('enable-linger');
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

    test('a passphrase file seals it on a machine without any keyring', async () => {
      expect(await alice('dialogctl identity show')).toContain('/home/alice/phrase');
      expect(await alice('ls .local/state/dialogd')).not.toContain('seal.key');
    });

    test('installing again changes no file and leaves it running', async () => {
      const text = await alice('dialogctl service install');
      expect(text).not.toContain('write');
      expect(await show('ActiveState')).toBe('active\n');
    });

    test('after kill -9 it comes back with the same packages, and nobody is refused meanwhile', async () => {
      await whole();
      const before = await refs();
      const seen = await askingWhile(machine, socket, async () => {
        await alice('kill -KILL $(systemctl --user show --value --property MainPID dialogd)');
        await until(async () => (await show('NRestarts')) === '1\n', 'the restart', 20_000);
        await until(async () => (await show('ActiveState')) === 'active\n', 'it is ready', 20_000);
      });
      expect(seen).toMatchObject({ refused: [], daemons: 2 });
      expect(await refs()).toEqual(before);
      expect(before).toHaveLength(11);
    });

    test('a connection starts it after it was stopped, on either socket', async () => {
      for (const command of ['status', 'wake']) {
        await alice('systemctl --user stop dialogd.service');
        expect(await show('ActiveState')).toBe('inactive\n');
        await alice(`dialogctl ${command} || [ $? -ge 10 ]`);
        await until(async () => (await show('ActiveState')) === 'active\n', 'it is ready', 20_000);
      }
    });

    test('the read-only socket of systemd refuses a change', async () => {
      const { code, text } = await machine.run(`dialogctl --socket ${readOnly(socket)} wake`);
      expect({ code, text }).toEqual({ code: 1, text: expect.stringContaining('dialogd.sock') });
    });

    test('while it is restarted nobody is refused', async () => {
      const seen = await askingWhile(machine, socket, () => alice('systemctl --user restart dialogd'));
      expect(seen).toMatchObject({ refused: [], daemons: 2 });
    });

    test('an upgrade in place keeps the state, and who asks meanwhile only waits', async () => {
      const before = await refs();
      await machine.do('cp /opt/node /opt/node-next');
      const seen = await askingWhile(machine, socket, async () => {
        const text = await alice('/opt/node-next /opt/dialogd/dist/cli/main.js service install');
        expect(text).toContain('write   /home/alice/.config/systemd/user/dialogd.service');
        expect(text).not.toContain('dialogd.socket\nrun     systemctl --user daemon-reload');
      });
      expect(seen).toMatchObject({ refused: [], daemons: 2 });
      // As root: what may not be dumped may not be looked at by its user.
      expect(await machine.do(`readlink /proc/${(await show('MainPID')).trim()}/exe`)).toBe(
        '/opt/node-next\n',
      );
      expect(await refs()).toEqual(before);
    });

    test('with lingering it outlives the last session, without it does not', async () => {
      const pid = await show('MainPID');
      await machine.do(`loginctl enable-linger ${USER} && systemctl stop session`);
      await until(
        async () => !(await machine.do('loginctl list-sessions --no-legend')).includes(USER),
        'the end of every session',
      );
      expect(await show('MainPID')).toBe(pid);
      expect(await alice('dialogctl service status')).not.toContain('enable-linger');

      await machine.do(`loginctl disable-linger ${USER}`);
      await until(async () => (await machine.run(userManager)).code !== 0, 'the end without it', 20_000);
      await machine.do(`loginctl enable-linger ${USER}`);
      await until(async () => (await show('ActiveState')) === 'active\n', 'it is back by itself', 20_000);
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

    test('a stop of the socket stops both, answers the call under way and says so', async () => {
      relay.repository.refusal = () => 'blocked: not now';
      await alice('dialogctl keys refresh > refresh.out 2>&1 &');
      await logged('reason=requested');
      await alice('systemctl --user stop dialogd.socket');
      expect(await show('ActiveState,Result')).toBe('success\ninactive\n');
      expect(await alice('ls $XDG_RUNTIME_DIR')).not.toContain('dialogd');
      await logged(': stopped');
      const answer = await until(async () => alice('cat refresh.out'), 'the answer of the call');
      expect(answer).toContain('the wait ended before the work did');
    });

    test('a mistake in the configuration ends who waits, and is not tried again', async () => {
      await alice('echo nonsense > .config/dialogd/config.toml; systemctl --user start dialogd.socket');
      const { code, text } = await machine.run(`dialogctl --socket ${socket} status`);
      expect({ code, text }).toEqual({ code: 3, text: expect.stringContaining('dialogd is not running') });
      expect(await show('ActiveState')).toBe('failed\n');
      expect(await show('NRestarts,ExecMainStatus')).toBe('0\n78\n');
      // One start for each connection that dialogctl tried.
      const starts = (await alice('dialogctl service logs --lines 500')).match(/config_invalid/g);
      expect(starts?.length).toBeLessThanOrEqual(2);
      expect(await alice('systemctl --user is-active dialogd.socket')).toBe('active\n');
    });

    test('uninstall leaves only the state, and names it', async () => {
      const text = await alice('dialogctl service uninstall');
      expect(text).toContain('/home/alice/.local/state/dialogd');
      expect(await alice('find .config/systemd -name "*dialogd*"; ls $XDG_RUNTIME_DIR')).not.toContain(
        'dialogd',
      );
      expect(await alice('systemctl --user list-units --all --plain --no-legend "dialogd*"')).toBe('');
      expect(await alice('ls .local/state/dialogd')).toContain('account.json');
      expect(await alice('dialogctl service uninstall')).toContain('Nothing is installed.');
    });
  },
);
