/** `dialogctl top` against a daemon on a real socket, with a screen that can be looked at. */
import { describe, expect, it } from 'vitest';
import type { Screen } from '../../../src/cli/screen.ts';
import { createTestTerminal, runCli } from '../../support/rpc/cli.ts';
import { createNoticeLog } from '../../support/rpc/notice-log.ts';
import * as samples from '../../support/rpc/samples.ts';
import { startTestServer, tempDirectory } from '../../support/rpc/server.ts';
import { until } from '../../support/until.ts';

function createTestScreen() {
  let lines: readonly string[] = [];
  let size = { columns: 80, rows: 24 };
  let frames = 0;
  let closed = 0;
  let key: (name: string) => void = () => {};
  let resized = (): void => {};
  const screen: Screen = {
    size: () => size,
    draw(drawn) {
      lines = drawn;
      frames += 1;
    },
    onKey(listener) {
      key = listener;
    },
    onResize(listener) {
      resized = listener;
    },
    close() {
      closed += 1;
    },
  };
  return {
    screen,
    text: () => lines.join('\n'),
    lines: () => lines,
    frames: () => frames,
    closed: () => closed,
    press: (name: string) => key(name),
    resize(columns: number, rows: number) {
      size = { columns, rows };
      resized();
    },
  };
}

async function watching(options: Parameters<typeof startTestServer>[0] = {}) {
  const server = await startTestServer(options);
  const shown = createTestScreen();
  const terminal = createTestTerminal({ screen: () => shown.screen });
  const done = runCli(['top', '--runtime-dir', server.runtimeDir], { terminal });
  await until(() => shown.text().includes('11/11 published'), 'the first picture');
  return { server, shown, terminal, done };
}

describe('on a terminal', () => {
  it('shows everything, and q gives the terminal back and ends with 0', async () => {
    const { shown, done } = await watching({ notices: createNoticeLog(3) });
    for (const words of ['healthy', 'ab010000', 'relay.one.example', 'notice 3']) {
      expect(shown.text()).toContain(words);
    }
    expect(shown.closed()).toBe(0);
    shown.press('q');
    expect(await done).toEqual({ code: 0, out: '', err: '' });
    expect(shown.closed()).toBe(1);
  });

  it.each(['ctrl-c', 'a signal'])('%s ends it as well', async (how) => {
    const { shown, terminal, done } = await watching();
    if (how === 'a signal') terminal.interrupt();
    else shown.press(how);
    expect((await done).code).toBe(0);
    expect([shown.closed(), terminal.listening]).toEqual([1, 0]);
  });

  it('a notice is shown as soon as it is written, with the state after it', async () => {
    const notices = createNoticeLog(1);
    let stored = 12;
    const { shown, done } = await watching({
      notices,
      handlers: {
        'daemon.status': async () => ({
          ...samples.status,
          inbox: { ...samples.status.inbox, pending: { ...samples.status.inbox.pending, count: stored } },
        }),
      },
    });
    stored = 13;
    notices.write('gift_wrap_stored', 'an invitation \u001b[2J may be here');
    await until(() => shown.text().includes('an invitation \ufffd[2J may be here'), 'the notice', 1_500);
    expect(shown.text()).toContain('13 gift wraps');
    shown.press('q');
    await done;
  });

  it('looks again by itself and at r, but not while it is paused', async () => {
    let asked = 0;
    const { shown, done } = await watching({
      handlers: {
        'daemon.status': async () => {
          asked += 1;
          return samples.status;
        },
      },
    });
    await until(() => asked === 2, 'a look by itself');
    shown.press('p');
    expect(shown.text()).toContain('paused');
    const before = asked;
    shown.press('r');
    await until(() => asked === before + 1, 'a look that was asked for');
    shown.press('p');
    await until(() => asked === before + 2, 'the first look after the pause');
    expect(shown.text()).not.toContain('paused');
    shown.press('q');
    await done;
  });

  it('draws again at once when the size changes', async () => {
    const { shown, done } = await watching();
    shown.resize(40, 10);
    expect(shown.lines().map((line) => line.length)).toEqual(Array(10).fill(40));
    shown.press('q');
    await done;
  });

  it('says that the daemon stopped, keeps what was known, and goes on when it is back', async () => {
    const { server, shown, done } = await watching();
    await server.close();
    await until(() => shown.text().includes('not connected'), 'the bad news');
    expect(shown.text()).toContain('ab010000');
    await until(() => shown.text().includes('dialogd is not running'), 'the next attempt');
    await startTestServer({ runtimeDir: server.runtimeDir, notices: createNoticeLog(7) });
    await until(() => shown.text().includes('notice 7'), 'the news of the new daemon');
    expect(shown.text()).not.toContain('not connected');
    shown.press('q');
    await done;
  });

  it('says that the daemon stopped and is back even while it is paused', async () => {
    const { server, shown, done } = await watching();
    shown.press('p');
    await server.close();
    await until(() => shown.text().includes('not connected'), 'the bad news');
    await startTestServer({ runtimeDir: server.runtimeDir });
    await until(() => !shown.text().includes('not connected'), 'the good news');
    expect(shown.text()).toContain('paused');
    shown.press('q');
    await done;
  });

  it('waits for a daemon that is not there yet', async () => {
    const runtimeDir = await tempDirectory();
    const shown = createTestScreen();
    const terminal = createTestTerminal({ screen: () => shown.screen });
    const done = runCli(['top', '--runtime-dir', runtimeDir], { terminal });
    await until(() => shown.text().includes('dialogd is not running'), 'what it waits for');
    await startTestServer({ runtimeDir });
    await until(() => shown.text().includes('healthy'), 'the daemon');
    shown.press('q');
    expect((await done).code).toBe(0);
  });

  it('a bug gives the terminal back before it ends the program', async () => {
    const shown = createTestScreen();
    const draw = (): void => {
      throw new TypeError('a bug');
    };
    const terminal = createTestTerminal({ screen: () => ({ ...shown.screen, draw }) });
    const { runtimeDir } = await startTestServer();
    await expect(runCli(['top', '--runtime-dir', runtimeDir], { terminal })).rejects.toThrow('a bug');
    expect(shown.closed()).toBe(1);
  });
});

describe('without a terminal', () => {
  it('prints everything once, in plain text of 80 columns', async () => {
    const { runtimeDir } = await startTestServer({ notices: createNoticeLog(3) });
    const { code, out, err } = await runCli(['top', '--runtime-dir', runtimeDir]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatchSnapshot();
  });

  it('--json prints the answers as they came', async () => {
    const { runtimeDir } = await startTestServer({ notices: createNoticeLog(3) });
    const { out } = await runCli(['top', '--json', '--runtime-dir', runtimeDir]);
    expect(JSON.parse(out)).toEqual({
      status: samples.status,
      packages: samples.packages,
      relays: samples.relays.relays,
      notices: [1, 2, 3].map((seq) => expect.objectContaining({ seq })),
    });
  });

  it('ends with 3 where no daemon is', async () => {
    expect((await runCli(['top', '--runtime-dir', await tempDirectory()])).code).toBe(3);
  });
});
