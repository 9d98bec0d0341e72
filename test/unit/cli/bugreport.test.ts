import { readFile, stat, writeFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as harmless from '../../../src/cli/bugreport/harmless.ts';
import { createPseudonyms } from '../../../src/cli/bugreport/pseudonyms.ts';
import { DaemonError } from '../../../src/errors.ts';
import { unixSeconds } from '../../../src/ids.ts';
import type { Handlers, NoticeSource } from '../../../src/ipc/handlers.ts';
import type { Result } from '../../../src/ipc/protocol/methods.ts';
import { leaveLastFailure } from '../../../src/last-failure.ts';
import type { Notice } from '../../../src/records.ts';
import { defaultLimits } from '../../../src/relay/limits.ts';
import { REASONS_BY_CODE, reasonOfClose, reasonOfError } from '../../../src/relay/reasons.ts';
import { runCli } from '../../support/rpc/cli.ts';
import { createNoticeLog } from '../../support/rpc/notice-log.ts';
import * as samples from '../../support/rpc/samples.ts';
import { startTestServer, tempDirectory } from '../../support/rpc/server.ts';

/** Looked for in the report, whatever becomes of its case. */
const CANARY = 'xcanaryx';
const SECRET = 'nsec1xcanaryxqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq';
const words = `${CANARY} said ${SECRET} at 192.0.2.77 in /home/${CANARY}/x`;
const said = { message: words, repair: words, dependsOn: words };
const url = (name: string): string => `wss://${name}.${CANARY}.example/?key=${CANARY}`;
const hex = (start: string): string => start.padEnd(64, 'c0ffee');
const ACCOUNT = hex('feed');

const warnings: Result<'daemon.health'>['warnings'] = [
  { code: 'relay_down', severity: 'warning', since: samples.NOW, ...said, dependsOn: url('b') },
  { code: 'disk_low', severity: 'warning', since: samples.NOW, ...said, dependsOn: 'disk' },
  { code: words, severity: 'error', since: samples.NOW, ...said },
];

/** What a daemon could answer at the worst: everything that is a text, an id or a place is identifying. */
const handlers: Partial<Handlers> = {
  'daemon.status': async () => ({
    ...samples.notInvitable,
    account: ACCOUNT,
    npub: `npub1${CANARY}`,
    version: `0.1.0-${CANARY}`,
    health: { state: 'degraded', warnings },
    seal: { source: 'key_file', path: `/home/${CANARY}/seal.key` },
    invitable: { yes: false, reason: words },
    statusLine: words,
  }),
  'daemon.health': async () => ({ ...samples.health, warnings }),
  'relays.list': async () => ({
    lists: { ...samples.relays.lists, write: [url('a')], inbox: [url('a')], bootstrap: [url('b')] },
    relays: samples.relays.relays.map((relay, index) => ({
      ...relay,
      url: url(index < 2 ? 'a' : 'b'),
      lastError: words,
    })),
  }),
  'keyPackages.list': async () => ({
    packages: samples.packages.map((one, index) => ({
      ...one,
      ref: hex(`a${index}`),
      slot: hex(`b${index}`),
      eventId: hex(`d${index}`),
      relays: [
        {
          url: url('a'),
          outcome: 'rejected',
          at: samples.NOW,
          attempts: 1,
          detail: `rate-limited: ${words}`,
        },
        { url: url('b'), outcome: 'rejected', at: samples.NOW, attempts: 1, detail: words },
      ],
    })),
  }),
  'identity.lookUp': async () => ({
    ...samples.lookUp,
    problems: [
      { code: 'list_outdated', severity: 'warning', relay: url('a'), message: words, repair: words },
    ],
    relays: [{ ...samples.lookUp.relays[0]!, url: url('a'), reason: words }],
  }),
};

const notice: Notice = {
  seq: 1,
  at: samples.NOW as Notice['at'],
  code: 'relay_lost_package',
  severity: 'warning',
  message: words,
  data: { relay: url('b'), event: hex('e0'), slot: hex('b0'), words },
};

const notices: NoticeSource = {
  range: async () => ({ oldest: 1, newest: 1 }),
  read: async (since) => (since < 1 ? [notice] : []),
  onNotice: () => () => {},
};

/** A home full of names, with a daemon that answers the worst. */
async function identifying(settings: string) {
  const home = await tempDirectory();
  const configFile = join(home, `${CANARY}.toml`);
  await writeFile(configFile, settings);
  const { runtimeDir } = await startTestServer({ handlers, notices });
  const env = {
    HOME: join(home, CANARY),
    USER: CANARY,
    HOSTNAME: CANARY,
    DIALOGD_SECRET: SECRET,
    PATH: '/usr/bin',
  };
  return {
    home,
    async report(...more: string[]) {
      const state = ['--state-dir', join(home, CANARY), '--config', configFile];
      return runCli(['bugreport', '--runtime-dir', runtimeDir, ...state, ...more], { env });
    },
  };
}

const SETTINGS = `
[relays]
bootstrap = ["${url('a')}", "${url('b')}"]
[seal]
credential = "${CANARY}"
passphrase_file = "/home/${CANARY}/passphrase"
[schedule]
tick = "0 * * * *"
`;
const MISTAKEN = `[${CANARY}]\n${CANARY} = "${SECRET}"\n`;

describe('a bug report', () => {
  it.each([
    ['text', SETTINGS, []],
    ['JSON', SETTINGS, ['--json']],
    ['text, with a mistake in the configuration', MISTAKEN, []],
  ])('as %s names nobody and nothing', async (_what, settings, more) => {
    const { home, report } = await identifying(settings);
    const { code, out, err } = await report(...more);
    expect([code, err]).toEqual([0, '']);
    const found = out.toLowerCase();
    for (const identifying of [CANARY, SECRET, ACCOUNT, 'c0ffee', '192.0.2', 'wss://', '.example', home]) {
      expect(found).not.toContain(identifying.toLowerCase());
    }
    expect(found).not.toMatch(/\/(home|tmp|root|var|run)\b/);
    expect(found).not.toMatch(/[0-9a-f]{8}/);
    expect(found.split(/\W+/)).not.toContain(hostname().toLowerCase());
    if (userInfo().username !== 'node') expect(found.split(/[^\w]+/)).not.toContain(userInfo().username);
  });

  it('tells one relay from another all the same, and what happened where', async () => {
    const { out } = await (await identifying(SETTINGS)).report();
    expect(out).toContain('relay-2 write: connected');
    expect(out).toContain('relay-1 bootstrap: backing_off, does not answer');
    expect(out).toContain('relay-2 rejected after 1 (rate-limited), relay-1 rejected after 1 (other words)');
    expect(out).toContain('warning relay_lost_package relay-1');
    expect(out).toContain('warning stranger.list_outdated');
    expect(out).toContain('key_packages.standard 10');
    expect(out).toContain('seal.passphrase_file set');
    expect(out).toContain('metrics.textfile not set');
    expect(out).toContain('guards supervisor native, watchdog yes, peersChecked yes, undumpable yes');
    expect(out).toContain('live yes, ready no, fresh yes');
    expect(out).toContain('warning relay_down, on relay-1');
    expect(out).toContain('warning disk_low, on disk');
    expect(out).toContain('error unnamed, on unnamed');
  });

  it('tells a notice that is written meanwhile once', async () => {
    const log = createNoticeLog(1);
    let asked = 0;
    const source: NoticeSource = {
      ...log,
      async range() {
        asked += 1;
        if (asked === 2) log.write('relay_connected', 'meanwhile');
        return log.range();
      },
    };
    const { runtimeDir } = await startTestServer({ notices: source });
    const { out } = await runCli(['bugreport', '--runtime-dir', runtimeDir]);
    expect(out.match(/pool_refreshed/g)).toHaveLength(1);
    expect(out.match(/relay_connected/g)?.length ?? 0).toBeLessThanOrEqual(1);
  });

  it('goes into a private file when asked', async () => {
    const { home, report } = await identifying(SETTINGS);
    const file = join(home, 'report.txt');
    const { code, out } = await report('--output', file);
    expect([code, out]).toEqual([0, `Written to ${file}\n`]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toContain('Made by dialogctl bugreport');
    const nowhere = await report('--output', join(home, 'nowhere', 'report.txt'));
    expect([nowhere.code, nowhere.err]).toEqual([1, expect.stringContaining('cannot be written: ENOENT')]);
  });

  it('is made without a daemon too', async () => {
    const runtimeDir = await tempDirectory();
    const { code, out } = await runCli(['bugreport', '--runtime-dir', runtimeDir], {
      env: { HOME: runtimeDir },
    });
    expect(code).toBe(0);
    expect(out).toContain('dialogd does not answer');
    expect(out).not.toContain(runtimeDir);
  });

  it('says by what code a daemon that is gone has ended, without its words', async () => {
    const stateDir = await tempDirectory();
    leaveLastFailure(stateDir, new DaemonError('store_damaged', words), 65, unixSeconds(samples.NOW - 300));
    const { out } = await runCli(['bugreport', '--runtime-dir', stateDir, '--state-dir', stateDir]);
    expect(out).toContain('ended 5 min ago with store_damaged, exit code 65');
    expect(out).not.toContain(CANARY);
  });
});

describe('what gets into it', () => {
  it.each([
    [harmless.name, 'health.relay_down', 'health.relay_down'],
    [harmless.name, 'Alice', 'unnamed'],
    [harmless.version, '20.20.2', '20.20.2'],
    [harmless.version, '1.0.0-alice', 'unusual'],
    [harmless.version, '1.0.0-rc.1', '1.0.0-rc.1'],
    [harmless.version, '6.1-alices-laptop', 'unusual'],
    [harmless.reason, 'connection refused', 'connection refused'],
    [harmless.reason, 'closed by the relay: bye alice', 'another reason'],
    [harmless.prefix, 'blocked: alice', 'blocked'],
    [harmless.prefix, 'alice: blocked', 'other words'],
    [harmless.cron, '*/15 * * * *', '*/15 * * * *'],
    [harmless.cron, '0 0 * * ALICE', 'with names'],
  ])('is only what names nobody', (pass, text, expected) => {
    expect(pass(text)).toBe(expected);
  });

  it('is why a connection failed or ended, in every way that is told in our own words', () => {
    const codes = [...Object.keys(REASONS_BY_CODE), 'HPE_INVALID_CONSTANT', 'WS_ERR_INVALID_OPCODE', ''];
    const reasons = [
      ...codes.map((code) => reasonOfError(Object.assign(new Error(), { code }))),
      ...[1000, 1001, 1006].map((code) => reasonOfClose(code, '')),
      `no answer within ${defaultLimits.connectMs / 1000} s`,
      'connection lost: no answer',
    ];
    expect(reasons.map(harmless.reason)).toEqual(reasons);
  });

  it('has one pseudonym for each thing', () => {
    const { relay, keyPackage } = createPseudonyms();
    expect([relay('x'), relay('y'), relay('x'), keyPackage('x')]).toEqual([
      'relay-1',
      'relay-2',
      'relay-1',
      'package-1',
    ]);
  });
});
