import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMachine } from '../support/machine.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';
import { askingWhile } from '../support/steady-client.ts';
import { until } from '../support/until.ts';

const machine = await startMachine();
/** Sealed by a credential, by a key file (there is no such credential), and by an encrypted credential. */
const CREDENTIALS = { work: 'LoadCredential', home: 'LoadCredential', vault: 'LoadCredentialEncrypted' };
const ACCOUNTS = Object.keys(CREDENTIALS);
/** Of 10, less is better; docs/operations.md has what V8 and relays forbid. */
const MAX_EXPOSURE = 1.2;

describe.skipIf('hindrance' in machine)(
  `a service of the system${'hindrance' in machine ? ` (${machine.hindrance})` : ''}`,
  () => {
    if ('hindrance' in machine) return;
    let relay: TestRelay;
    /** One account knows the relay by its address, the other by a name that has to be looked up in the sandbox. */
    const relayOf = (account: string): string =>
      account === 'work' ? relay.url : relay.url.replace('127.0.0.1', 'relay.in.hosts');
    const ctl = (account: string, command: string): string =>
      `dialogctl --runtime-dir /run/dialogd/${account} ${command}`;
    const install = (account: string): Promise<string> =>
      machine.do(`dialogctl service install --system --account ${account}`);

    beforeAll(async () => {
      relay = await startRelay();
      await machine.do(
        `mkdir -p /etc/credstore /etc/credstore.encrypted /etc/systemd/system/dialogd@vault.service.d
        head -c 32 /dev/urandom | base64 > /etc/credstore/dialogd-seal.work
        head -c 32 /dev/urandom | base64 | systemd-creds encrypt --with-key=host --name=dialogd-seal - \
          /etc/credstore.encrypted/dialogd-seal.vault
        printf '[Service]\\nLoadCredentialEncrypted=dialogd-seal:dialogd-seal.vault\\n' \
          > /etc/systemd/system/dialogd@vault.service.d/override.conf`,
      );
      await machine.do("echo '127.0.0.1 relay.in.hosts' >> /etc/hosts");
      for (const [account, load] of Object.entries(CREDENTIALS)) {
        await machine.do(
          `mkdir -p /etc/dialogd/${account} && echo 'relays.bootstrap = ["${relayOf(account)}"]' > /etc/dialogd/${account}/config.toml
          systemd-run --quiet --wait --collect --pipe --property DynamicUser=yes --property User=dialogd-${account} \
            --property StateDirectory=dialogd/${account} --property StateDirectoryMode=0700 \
            --property ConfigurationDirectory=dialogd/${account} \
            --property ${load}=dialogd-seal:dialogd-seal.${account} \
            /opt/node /opt/dialogd/dist/daemon/main.js init --state-dir /var/lib/private/dialogd/${account} --relay ${relayOf(account)}`,
        );
      }
    });
    afterAll(async () => {
      await machine.stop();
      await relay.stop();
    });

    test('accounts run side by side, each as a user of its own', async () => {
      for (const account of ACCOUNTS) expect(await install(account)).toContain('installed and runs');
      const users = await machine.do(
        `for account in ${ACCOUNTS.join(' ')}; do
          id -nu $(awk '/^Uid:/ { print $2 }' /proc/$(systemctl show --value -p MainPID dialogd@$account)/status)
        done`,
      );
      expect(users).toBe('dialogd-work\ndialogd-home\ndialogd-vault\n');
      for (const account of ACCOUNTS) {
        await until(
          async () => (await machine.do(ctl(account, 'status || true'))).includes('11/11 published'),
          `${account} is whole`,
          20_000,
        );
      }
    });

    test('a relay is found by its name inside the sandbox', async () => {
      expect(await machine.do(ctl('home', 'relays list'))).toMatch(/relay\.in\.hosts\S* .*connected/);
    });

    test('a credential, an encrypted one and a key file beside the state each seal theirs', async () => {
      expect(await machine.do(ctl('work', 'identity show'))).toContain(
        '/run/credentials/dialogd@work.service/dialogd-seal',
      );
      expect(await machine.do(ctl('home', 'identity show'))).toContain(
        '/var/lib/private/dialogd/home/seal.key',
      );
      expect(await machine.do(ctl('vault', 'identity show'))).toContain(
        '/run/credentials/dialogd@vault.service/dialogd-seal',
      );
      expect(await machine.do('ls /var/lib/private/dialogd/{work,vault}')).not.toContain('seal.key');
    });

    test('the sockets are in a directory of root, and nobody else reaches them', async () => {
      expect(await machine.do('stat -c "%U %a %n" /run/dialogd/work /run/dialogd/work/*')).toBe(
        'root 700 /run/dialogd/work\nroot 600 /run/dialogd/work/dialogd-ro.sock\nroot 600 /run/dialogd/work/dialogd.sock\n',
      );
      const { code, text } = await machine.run(`runuser -u nobody -- bash -c '${ctl('work', 'status')}'`);
      expect({ code, text }).toEqual({ code: 1, text: expect.stringContaining('EACCES') });
    });

    test('a connection starts it, and one during a restart waits', async () => {
      await machine.do('systemctl stop dialogd@work.service');
      await machine.do(ctl('work', 'wake'));
      const seen = await askingWhile(machine, '/run/dialogd/work/dialogd.sock', () =>
        machine.do('systemctl restart dialogd@work'),
      );
      expect(seen).toMatchObject({ refused: [], daemons: 2 });
    });

    test('without its credential it says what is missing and is not tried again', async () => {
      await machine.do('systemctl stop dialogd@work && mv /etc/credstore/dialogd-seal.work /root');
      expect((await machine.run('systemctl start dialogd@work')).code).not.toBe(0);
      expect(await machine.do('systemctl show -p ExecMainStatus,NRestarts dialogd@work')).toBe(
        'NRestarts=0\nExecMainStatus=77\n',
      );
      expect(await machine.do('dialogctl service logs --system --account work')).toContain(
        'seal_unavailable',
      );
      await machine.do('mv /root/dialogd-seal.work /etc/credstore && systemctl start dialogd@work');
    });

    test('inside its sandbox it speaks to systemd itself, knows its clients, and is watched', async () => {
      const { guards } = JSON.parse(await machine.do(ctl('work', 'status --json || true')));
      expect(guards).toEqual({
        supervisor: 'native',
        watchdog: true,
        peersChecked: true,
        undumpable: true,
      });
    });

    test(`its exposure is at most ${MAX_EXPOSURE}`, async () => {
      const text = await machine.do('systemd-analyze security --no-pager dialogd@work.service');
      const [, exposure] = /Overall exposure level for \S+: ([\d.]+)/.exec(text) ?? [];
      expect(Number(exposure)).toBeLessThanOrEqual(MAX_EXPOSURE);
    });

    test('it leaves no core dump, keeps no capability and gains no privilege', async () => {
      const status = await machine.do(
        'cd /proc/$(systemctl show --value -p MainPID dialogd@work); grep -E "^Cap(Eff|Bnd|Amb)|^NoNewPrivs" status; grep "core file" limits',
      );
      expect(status).not.toMatch(/Cap\w+:\s*0*[1-9a-f]/);
      expect(status).toContain('NoNewPrivs:\t1');
      expect(status).toMatch(/core file size\s+0\s+0/);
    });

    test('uninstalling one leaves the others running, and every state', async () => {
      const uninstall = (account: string) =>
        machine.do(`dialogctl service uninstall --system --account ${account}`);
      expect(await uninstall('work')).toContain('/var/lib/private/dialogd/work');
      expect(await machine.do('systemctl is-active dialogd@home')).toBe('active\n');
      await uninstall('home');
      expect(await uninstall('vault')).toContain('/etc/systemd/system/dialogd@vault.service.d');
      expect(await machine.do('find /etc/systemd -name "dialogd*"')).toBe(
        '/etc/systemd/system/dialogd@vault.service.d\n',
      );
      expect(await machine.do('ls /run/dialogd')).toBe('');
      expect(await machine.do('systemctl list-units --all --plain --no-legend "dialogd*"')).toBe('');
      expect(await machine.do('ls /var/lib/private/dialogd')).toBe('home\nvault\nwork\n');
    });
  },
);
