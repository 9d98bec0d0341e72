import { expect, it } from 'vitest';
import { passedSocketFor, takePassedSockets } from '../../../src/ipc/passed-sockets.ts';

const PID = 4242;

it('none are taken that were passed to another process, and its variables go no further', () => {
  const env = { PATH: '/bin', LISTEN_PID: '1', LISTEN_FDS: '2', LISTEN_FDNAMES: 'a:b', LISTEN_PIDFDID: '9' };
  expect(takePassedSockets(env, PID)).toEqual([]);
  expect(env).toEqual({ PATH: '/bin' });
});

it.skipIf(process.platform !== 'linux')(
  'a descriptor that is no socket of ours is refused, not guessed at',
  () => {
    const env = { LISTEN_PID: String(PID), LISTEN_FDS: '1' };
    expect(() => takePassedSockets(env, PID)).toThrow(
      'descriptor 3 of the service manager is no Unix socket',
    );
    expect(env).toEqual({});
  },
);

it('a socket of another name is refused, with what the unit has to say', () => {
  const passed = [{ fd: 3, path: '/run/other/dialogd.socket' }];
  expect(() => passedSocketFor('/run/dialogd/dialogd.sock', passed)).toThrow(
    expect.objectContaining({ code: 'config_invalid', repair: expect.stringContaining('dialogd-ro.sock') }),
  );
});
