import { expect, it } from 'vitest';
import { createTestTerminal, runCli } from '../../support/rpc/cli.ts';
import { createNoticeLog } from '../../support/rpc/notice-log.ts';
import { startTestServer } from '../../support/rpc/server.ts';
import { until } from '../../support/until.ts';

async function watching(extra: string[] = [], notices = createNoticeLog(3)) {
  const server = await startTestServer({ notices });
  const terminal = createTestTerminal();
  const done = runCli(['watch', '--runtime-dir', server.runtimeDir, ...extra], { terminal });
  return { server, terminal, notices, done };
}

it('prints one line for each notice and ends with 0 at an interrupt', async () => {
  const { terminal, notices, done } = await watching(['--since', '1']);
  await until(() => terminal.written.out.includes('notice 3'), 'the stored notices');
  notices.write('relay_down', 'wss://relay.one.example\u001b[2J is gone', { severity: 'warning' });
  await until(() => terminal.written.out.includes('relay_down'), 'the new notice');
  terminal.interrupt();
  expect(await done).toEqual({
    code: 0,
    err: '',
    out: [
      '2027-01-15T08:00:02Z  info  pool_refreshed  notice 2',
      '2027-01-15T08:00:03Z  info  pool_refreshed  notice 3',
      '2027-01-15T08:00:04Z  warning  relay_down  wss://relay.one.example\ufffd[2J is gone',
      '',
    ].join('\n'),
  });
  expect(terminal.listening).toBe(0);
});

it('--json prints one object a line', async () => {
  const { terminal, done } = await watching(['--since', '2', '--json']);
  await until(() => terminal.written.out !== '', 'the stored notice');
  terminal.interrupt();
  const { out } = await done;
  expect(JSON.parse(out)).toEqual({
    seq: 3,
    at: 1_800_000_003,
    code: 'pool_refreshed',
    severity: 'info',
    message: 'notice 3',
  });
});

it('says which notices are lost to somebody who was away too long', async () => {
  const notices = createNoticeLog(9);
  notices.forget(6);
  const { terminal, done } = await watching(['--since', '4'], notices);
  await until(() => terminal.written.out.includes('notice 9'), 'the notices that are left');
  terminal.interrupt();
  expect((await done).err).toBe('dialogctl: notices 5 to 6 are no longer kept\n');
});

it('ends with 3 when the daemon stops, and says how to go on', async () => {
  const { server, terminal, done } = await watching(['--since', '0']);
  await until(() => terminal.written.out.includes('notice 3'), 'the stored notices');
  await server.close();
  expect(await done).toMatchObject({ code: 3, err: expect.stringContaining('dialogctl watch --since 3') });
});

it('without --since says how to go on from the last notice there was', async () => {
  const { server, notices, done } = await watching();
  await until(() => notices.pagesRead > 0, 'the subscription');
  await server.close();
  expect(await done).toMatchObject({ code: 3, err: expect.stringContaining('dialogctl watch --since 3') });
});
