import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMachine, userOf } from '../support/machine.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';
import { until } from '../support/until.ts';

const machine = await startMachine();
const USER = 'alice';
/** A watchdog that is short, so that the test is (the units have 60 s), and a module that changes the daemon. */
const dropIn = (module: string): string => `[Service]
WatchdogSec=8
Environment=NODE_OPTIONS=--import=/opt/dialogd/test/support/${module}
Environment=WEDGE_FILE=/home/${USER}/wedge
`;
const PACKAGES = 'dialogctl keys list --json | grep \'"ref"\' | sort';

describe.skipIf('hindrance' in machine)(
  `the watchdog of a service${'hindrance' in machine ? ` (${machine.hindrance})` : ''}`,
  () => {
    if ('hindrance' in machine) return;
    let relay: TestRelay;
    const { run: alice, show } = userOf(machine, USER);
    const place = (text: string): string =>
      `cat > .config/systemd/user/dialogd.service.d/test.conf <<'UNIT'\n${text}UNIT`;
    const journal = (): Promise<string> => alice('dialogctl service logs --lines 1000');
    const whole = (): Promise<unknown> =>
      until(
        async () => (await alice('dialogctl status || true')).includes('11/11 published'),
        'every package is published',
        30_000,
      );
    const restarted = async (times: number): Promise<void> => {
      await until(async () => (await show('NRestarts')) === `${times}\n`, `restart ${times}`, 60_000);
      await until(async () => (await show('ActiveState')) === 'active\n', 'it is ready again', 30_000);
      await whole();
    };

    beforeAll(async () => {
      relay = await startRelay();
      await machine.do(`useradd --create-home ${USER} && systemctl start user@$(id -u ${USER})`);
      await alice(
        `dialogctl init --relay ${relay.url} --inbox ${relay.url}
        mkdir -p .config/systemd/user/dialogd.service.d
        ${place(dropIn('wedge-store.mjs'))}
        dialogctl service install`,
      );
      await whole();
    });
    afterAll(async () => {
      await machine.stop();
      await relay.stop();
    });

    test('leaves a daemon that gets on alone, and the status says that it is there', async () => {
      expect(await alice('dialogctl status')).toContain('watchdog on');
      expect(await show('NRestarts')).toBe('0\n');
    });

    test('is told by the daemon itself, whose memory no program of the same user can read', async () => {
      expect(await show('NotifyAccess')).toBe('main\n');
      const process = '/proc/$(systemctl --user show --value --property MainPID dialogd)';
      expect(await alice(`cat ${process}/environ 2>&1 || true`)).toContain('Permission denied');
    });

    test('ends a daemon whose commits never end while its socket still answers, and nothing is lost', async () => {
      const before = await alice(PACKAGES);
      await alice(
        'touch wedge; timeout 3 bash -c "dialogctl keys refresh --no-wait" || true; test ! -e wedge',
      );
      expect(await alice('dialogctl status || true')).toContain('11/11 published');
      await restarted(1);
      const story = await journal();
      expect(story).toMatch(/commit.*watchdog_withheld|watchdog_withheld.*commit/);
      expect(story).toContain('Watchdog timeout');
      expect(await alice(PACKAGES)).toBe(before);
    });

    test('ends a daemon that was stopped in its tracks, and nothing is lost', async () => {
      const before = await alice(PACKAGES);
      await alice('kill -STOP $(systemctl --user show --value --property MainPID dialogd)');
      await restarted(2);
      expect((await journal()).match(/Watchdog timeout/g)).toHaveLength(2);
      expect(await alice(PACKAGES)).toBe(before);
    });

    test('is told by systemd-notify where koffi is missing, and the status says so', async () => {
      await alice(
        `${place(dropIn('hide-koffi.mjs'))}
        NODE_OPTIONS=--import=/opt/dialogd/test/support/hide-koffi.mjs dialogctl service install`,
      );
      expect(await show('NotifyAccess')).toBe('all\n');
      const { guards } = JSON.parse(await alice('dialogctl status --json || true'));
      expect(guards).toEqual({
        supervisor: 'systemd-notify',
        watchdog: true,
        peersChecked: false,
        undumpable: false,
      });
      const told = await show('WatchdogTimestampMonotonic');
      await until(
        async () => (await show('WatchdogTimestampMonotonic')) !== told,
        'the next sign of life',
        10_000,
      );
      expect(await show('NRestarts')).toBe('0\n');
    });
  },
);
